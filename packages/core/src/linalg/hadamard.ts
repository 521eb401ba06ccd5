import { LowbitError } from "../errors/index.js";

/** Refuses sizes for which H does not exist or does not tile a row. */
export function checkTransformSize(size: number, columns: number): void {
  const isPowerOfTwo = Number.isInteger(size) && size >= 1 && 2 ** Math.round(Math.log2(size)) === size;
  if (!isPowerOfTwo || columns % size !== 0) {
    throw new LowbitError(
      "backend/transform-size",
      `Transform size ${size} is not allowed for rows of ${columns}; it must be a power of two that divides ${columns}.`,
      { size, columns },
    );
  }
}

/** f32(1/√size): the factor that makes H orthonormal, so that the transform is its own inverse. */
export function hadamardScale(size: number): number {
  return Math.fround(1 / Math.sqrt(size));
}

/** The largest power of two that divides `columns`: the widest transform that tiles a row. */
export function largestTransformSize(columns: number): number {
  let size = 1;
  while (columns % (size * 2) === 0 && columns > 0) size *= 2;
  return size;
}

/**
 * Orthonormal Walsh–Hadamard transform of `values[begin … begin + size)` in place (Sylvester order): for distances
 * d = 1, 2, 4 … size/2 every pair (a, b) that lies d apart becomes (a + b, a − b); then all are scaled.
 */
export function transformSpan(values: Float32Array, begin: number, size: number): void {
  for (let distance = 1; distance < size; distance *= 2) {
    for (let i = 0; i < size; i++) {
      if (i & distance) continue;
      const a = values[begin + i]!;
      const b = values[begin + i + distance]!;
      values[begin + i] = a + b;
      values[begin + i + distance] = a - b;
    }
  }
  const scale = hadamardScale(size);
  for (let i = begin; i < begin + size; i++) values[i]! *= scale;
}
