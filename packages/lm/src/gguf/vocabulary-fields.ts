import type { GgufShapes } from "./gguf-architecture.js";
import type { GgufFields } from "./gguf-fields.js";

/**
 * Rows of the embedding. The key `vocab_size` and the list of tokens may be absent or, in padded models, smaller.
 * @throws `model/gguf-key` where neither the embedding nor the key is there
 */
export function vocabularySize(fields: GgufFields, shapes: GgufShapes): number {
  return shapes.shape("token_embd.weight")?.[0] ?? fields.count("vocab_size");
}

/** Begin and end tokens of config.json; the end of a turn is an end as well. */
export function tokenFields(fields: GgufFields, vocabulary: number): Readonly<Record<string, unknown>> {
  const token = (name: string) => fields.token(`tokenizer.ggml.${name}_token_id`, vocabulary);
  const begin = token("bos");
  const ends = [...new Set([token("eos"), token("eot"), token("eom")].filter((id) => id !== undefined))];
  const padding = token("padding");
  return {
    ...(begin !== undefined && { bos_token_id: begin }),
    ...(ends.length > 0 && { eos_token_id: ends.length === 1 ? ends[0] : ends }),
    ...(padding !== undefined && { pad_token_id: padding }),
  };
}
