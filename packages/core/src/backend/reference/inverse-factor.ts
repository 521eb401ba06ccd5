import { checkInverseFactor } from "../check-factor.js";

/** Sums in f64, in ascending order of what they run over; U is rounded to f32 once. */
export function inverseFactor(matrix: Float64Array, size: number, target: Float32Array): number {
  checkInverseFactor(matrix, size, target);
  const failed = factorReversed(matrix, size);
  if (failed >= 0) return failed;
  invertFactor(matrix, size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    target.fill(0, row, row + i);
    for (let j = i; j < size; j++) target[row + j] = matrix[row + j]!;
  }
  return -1;
}

/**
 * H = R·Rᵀ with R upper triangular, from the last input to the first. Rᵀ replaces the lower triangle: R[i][j] stands at
 * [j][i].
 *
 *     R[j][j] = √(H[j][j] − Σ_{k>j} R[j][k]²)
 *     R[i][j] = (H[j][i] − Σ_{k>j} R[i][k]·R[j][k]) / R[j][j]        i < j
 */
function factorReversed(matrix: Float64Array, size: number): number {
  const sums = new Float64Array(size);
  for (let j = size - 1; j >= 0; j--) {
    sums.fill(0, 0, j + 1);
    for (let k = j + 1; k < size; k++) {
      const factor = matrix[k * size + j]!;
      for (let i = 0; i <= j; i++) sums[i]! += matrix[k * size + i]! * factor;
    }
    const row = j * size;
    const pivot = matrix[row + j]! - sums[j]!;
    if (!(pivot > 0 && pivot < Number.POSITIVE_INFINITY)) return j;
    const diagonal = Math.sqrt(pivot);
    matrix[row + j] = diagonal;
    for (let i = 0; i < j; i++) matrix[row + i] = (matrix[row + i]! - sums[i]!) / diagonal;
  }
  return -1;
}

/**
 * U = R⁻¹ in the upper triangle, from the last row to the first, so that the rows below are U already:
 *
 *     U[i][i] = 1 / R[i][i]
 *     U[i][j] = −U[i][i] · Σ_{i<k≤j} R[i][k]·U[k][j]        i < j
 */
function invertFactor(matrix: Float64Array, size: number): void {
  const sums = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    sums.fill(0, i + 1);
    for (let k = i + 1; k < size; k++) {
      const factor = matrix[k * size + i]!;
      for (let j = k; j < size; j++) sums[j]! += factor * matrix[k * size + j]!;
    }
    const diagonal = 1 / matrix[i * size + i]!;
    matrix[i * size + i] = diagonal;
    for (let j = i + 1; j < size; j++) matrix[i * size + j] = -diagonal * sums[j]!;
  }
}
