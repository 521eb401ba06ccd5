import { LowbitError, showValue } from "@lowbit/core/errors";
import type { GgufMetadata } from "@lowbit/core/gguf";
import { bitnet158Gguf, bitnetGguf, llamaGguf, qwen2Gguf, qwen3Gguf } from "./gated-gguf.js";
import type { GgufArchitecture } from "./gguf-architecture.js";
import { gptNeoxGguf } from "./gpt-neox-gguf.js";
import { gpt2Gguf } from "./gpt2-gguf.js";

/** The only list of architectures in GGUF files. */
export const GGUF_ARCHITECTURES: readonly GgufArchitecture[] = [
  llamaGguf,
  qwen2Gguf,
  qwen3Gguf,
  gpt2Gguf,
  gptNeoxGguf,
  bitnetGguf,
  bitnet158Gguf,
];

/** @throws `model/gguf-architecture` with the list of known ones */
export function ggufArchitecture(name: string, metadata: GgufMetadata): GgufArchitecture {
  const stated = metadata.get("general.architecture");
  const value = stated === undefined || stated.type === "array" ? undefined : stated.value;
  const found = GGUF_ARCHITECTURES.find(({ names }) => names.includes(value as string));
  if (found !== undefined) return found;
  const allowed = GGUF_ARCHITECTURES.flatMap(({ names }) => names);
  const shown = value === undefined ? "missing" : typeof value === "string" ? showValue(value) : `${value}`;
  throw new LowbitError(
    "model/gguf-architecture",
    `${name}: the key general.architecture is ${shown}; known: ${allowed.join(", ")}.`,
    { model: name, found: shown, allowed },
  );
}
