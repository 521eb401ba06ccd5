import { LowbitError } from "@lowbit/core/errors";
import type { ConfigFields } from "../architectures/config-fields.js";

/** The error for a model that GGUF's architectures cannot state. @param reason one clause */
export function refuseExport({ name }: Pick<ConfigFields, "name">, reason: string): LowbitError {
  return new LowbitError("model/gguf-export", `${name}: cannot become a GGUF file: ${reason}.`, {
    model: name,
    reason,
  });
}
