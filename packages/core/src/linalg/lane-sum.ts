/** Number of partial sums of every reduction (docs/numerics.md, rule 2). */
export const LANES = 16;

/** Sum of f32 values in the fixed order: sixteen strided partial sums, then the tree 8, 4, 2, 1. */
export function laneSum(values: Float32Array, begin = 0, end: number = values.length): number {
  const partial = new Float32Array(LANES);
  for (let i = begin; i < end; i++) partial[(i - begin) % LANES]! += values[i]!;
  return treeSum(partial);
}

/** The same for f64. */
export function laneSum64(values: Float64Array, begin = 0, end: number = values.length): number {
  const partial = new Float64Array(LANES);
  for (let i = begin; i < end; i++) partial[(i - begin) % LANES]! += values[i]!;
  return treeSum(partial);
}

/** Joins sixteen partial sums; overwrites them. */
export function treeSum(partial: Float32Array | Float64Array): number {
  for (let width = LANES / 2; width >= 1; width /= 2) {
    for (let i = 0; i < width; i++) partial[i]! += partial[i + width]!;
  }
  return partial[0]!;
}
