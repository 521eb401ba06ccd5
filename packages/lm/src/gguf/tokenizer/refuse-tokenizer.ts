import { LowbitError } from "@lowbit/core/errors";

/** The error for a tokenizer that a GGUF file cannot state. @param reason one clause */
export function refuseTokenizer(name: string, reason: string): LowbitError {
  return new LowbitError(
    "tokenizer/gguf-export",
    `${name}: the tokenizer cannot become that of a GGUF file: ${reason}.`,
    {
      model: name,
      reason,
    },
  );
}
