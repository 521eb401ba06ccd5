import type { GgufFields } from "./gguf-fields.js";

/** Widths of attention whose heads share the hidden size out among them. */
export interface HeadWidths {
  readonly hiddenSize: number;
  readonly headCount: number;
  readonly headSize: number;
}

/** @throws `model/gguf-key` */
export function headWidths(fields: GgufFields): HeadWidths {
  const hiddenSize = fields.count("embedding_length");
  const headCount = fields.count("attention.head_count");
  return { hiddenSize, headCount, headSize: sharedHeadSize(fields, hiddenSize, headCount) };
}

/**
 * The hidden size, divided by the heads.
 * @throws `model/gguf-key` where it is no integer
 */
export function sharedHeadSize(fields: GgufFields, hiddenSize: number, headCount: number): number {
  if (hiddenSize % headCount === 0) return hiddenSize / headCount;
  throw fields.invalid("attention.head_count", `a divisor of embedding_length (${hiddenSize})`);
}
