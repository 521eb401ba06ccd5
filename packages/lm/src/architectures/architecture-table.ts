import { LowbitError, showValue } from "@lowbit/core/errors";
import type { Architecture } from "./architecture.js";
import { bitnet } from "./bitnet.js";
import type { ConfigFields } from "./config-fields.js";
import { gptNeox } from "./gpt-neox.js";
import { gpt2 } from "./gpt2.js";
import { llama } from "./llama.js";
import { mistral } from "./mistral.js";
import { qwen2 } from "./qwen2.js";
import { qwen3 } from "./qwen3.js";

/** The only list of architectures. */
export const ARCHITECTURES: readonly Architecture[] = [llama, mistral, qwen2, qwen3, gpt2, gptNeox, bitnet];

/** @throws `model/unknown-architecture` with the list of known ones */
export function architectureOf(fields: ConfigFields): Architecture {
  const modelType = fields.raw("model_type");
  const found = ARCHITECTURES.find(({ modelTypes }) => modelTypes.includes(modelType as string));
  if (found !== undefined) return found;
  const allowed = ARCHITECTURES.flatMap(({ modelTypes }) => modelTypes);
  const shown = modelType === undefined ? "missing" : showValue(modelType);
  throw new LowbitError(
    "model/unknown-architecture",
    `${fields.name}: "model_type" in config.json is ${shown}; known: ${allowed.join(", ")}.`,
    { model: fields.name, found: shown, allowed },
  );
}
