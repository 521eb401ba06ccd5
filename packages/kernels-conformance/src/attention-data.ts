import type { AttentionShape } from "@lowbit/core/backend";
import { type RandomData, unaligned } from "./random-data.js";

export interface AttentionData {
  readonly q: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** A shape with the usual scale, no window and no room behind the keys unless said. */
export function attentionShape(
  shape: Omit<AttentionShape, "keyStride" | "scale" | "window"> & Partial<AttentionShape>,
): AttentionShape {
  return { keyStride: shape.keyLength, scale: 1 / Math.sqrt(shape.headSize), window: 0, ...shape };
}

const one = { sequences: 1, queryLength: 1, keyLength: 1, headCount: 1, keyValueHeadCount: 1, headSize: 8 };

/** Kernels take blocks of 64 keys and features, tiles of 6 rows, and another way for up to 16 rows. */
export const ATTENTION_SHAPES: readonly AttentionShape[] = [
  { ...one },
  { ...one, headSize: 1, keyLength: 3 },
  { ...one, headSize: 3, queryLength: 5, keyLength: 9 },
  { ...one, headSize: 64, keyLength: 130, headCount: 3 },
  { ...one, headSize: 80, keyLength: 65, headCount: 8, keyValueHeadCount: 2 },
  { ...one, headSize: 67, queryLength: 2, keyLength: 140, headCount: 4, keyValueHeadCount: 4, window: 65 },
  { ...one, sequences: 3, queryLength: 4, keyLength: 17, keyStride: 20, headCount: 6, keyValueHeadCount: 2 },
  { ...one, sequences: 2, queryLength: 64, keyLength: 64, headCount: 2, headSize: 16 },
  { ...one, queryLength: 70, keyLength: 200, headCount: 6, keyValueHeadCount: 3, headSize: 64 },
  {
    ...one,
    sequences: 2,
    queryLength: 33,
    keyLength: 131,
    keyStride: 140,
    headCount: 4,
    keyValueHeadCount: 2,
    window: 9,
  },
  { ...one, queryLength: 75, keyLength: 75, headCount: 3, headSize: 128, window: 1 },
  { ...one, queryLength: 75, keyLength: 75, headCount: 5, headSize: 80, window: 500 },
  { ...one, queryLength: 129, keyLength: 129, headCount: 2, keyValueHeadCount: 2, headSize: 129, window: 64 },
  { ...one, sequences: 2, queryLength: 2, keyLength: 5, headCount: 256, headSize: 2 },
  // Few queries: more rows than meet a block at once, a row that sees nothing of a block, wide and so short blocks.
  { ...one, keyLength: 300, headCount: 40, keyValueHeadCount: 2, headSize: 5 },
  { ...one, queryLength: 16, keyLength: 90, headCount: 2, keyValueHeadCount: 2, window: 60 },
  { ...one, sequences: 2, keyLength: 140, headCount: 16, keyValueHeadCount: 16, headSize: 80 },
  { ...one, sequences: 0 },
  { ...one, queryLength: 0, keyLength: 4 },
].map(attentionShape);

export function describeShape(shape: AttentionShape): string {
  const { sequences, queryLength, keyLength, keyStride, headCount, keyValueHeadCount, headSize, window } = shape;
  const heads = `${headCount} over ${keyValueHeadCount} heads of ${headSize}`;
  return `${sequences} × ${queryLength} queries, ${keyLength} of ${keyStride} keys, ${heads}, window ${window}`;
}

/** What lies between the keys of two sequences is NaN: no op may read it. The last sequence ends at its last key. */
export function randomAttention(shape: AttentionShape, random: RandomData): AttentionData {
  const { sequences, queryLength, keyLength, keyStride, headCount, keyValueHeadCount, headSize } = shape;
  const draw = (length: number) =>
    unaligned(
      Float32Array.from({ length }, () => random.normal()),
      4,
    );
  const step = keyValueHeadCount * headSize;
  const cache = () => {
    const values = draw(sequences === 0 ? 0 : ((sequences - 1) * keyStride + keyLength) * step);
    for (let s = 0; s + 1 < sequences; s++) {
      values.fill(Number.NaN, (s * keyStride + keyLength) * step, (s + 1) * keyStride * step);
    }
    return values;
  };
  return { q: draw(sequences * queryLength * headCount * headSize), keys: cache(), values: cache() };
}
