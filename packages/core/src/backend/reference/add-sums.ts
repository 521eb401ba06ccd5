/** Adds sums that were taken in f64, rounded once. */
export function addSums(sums: Float64Array, target: Float32Array): void {
  for (const [i, sum] of sums.entries()) target[i]! += sum;
}
