import type { KernelBackend } from "../backend/kernel-backend.js";
import { rowMajor } from "../tensor/matrix.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { StatisticValues } from "./layer-statistics.js";

/** Rows whose products with H are held at a time. */
const ROWS = 256;

/**
 * What an error D of a layer's weights does to its outputs: row by row d·H·dᵀ, the summed squared output error over the
 * calibration set (times the constant of H). `tr(D·H·Dᵀ) / tr(W·H·Wᵀ)` is the relative layer-output error.
 * @param errors D or W itself, [rows, columns]
 * @param hessian packed lower triangle, see `LayerStatistics`
 */
export function outputEnergies(errors: RowBlock, hessian: StatisticValues, backend: KernelBackend): Float64Array {
  const { rows, columns, values } = errors;
  const square = unpackTriangle(hessian, columns);
  const energies = new Float64Array(rows);
  const products = new Float32Array(Math.min(ROWS, rows) * columns);
  for (let begin = 0; begin < rows; begin += ROWS) {
    const count = Math.min(ROWS, rows - begin);
    const part = values.subarray(begin * columns, (begin + count) * columns);
    const target = rowMajor(products.subarray(0, count * columns), count, columns);
    // H is symmetric: D·Hᵀ is D·H.
    backend.matmul(rowMajor(part, count, columns), rowMajor(square, columns, columns), target);
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let at = row * columns; at < (row + 1) * columns; at++) sum += part[at]! * products[at]!;
      energies[begin + row] = sum;
    }
  }
  return energies;
}

/** tr(D·H·Dᵀ) / tr(W·H·Wᵀ) with D = W − Ŵ; 0 where both are 0. */
export function relativeOutputError(
  weights: RowBlock,
  approximation: Float32Array,
  hessian: StatisticValues,
  backend: KernelBackend,
): number {
  const values = weights.values.map((w, i) => w - approximation[i]!);
  const noise = total(outputEnergies({ ...weights, values }, hessian, backend));
  return noise === 0 ? 0 : noise / total(outputEnergies(weights, hessian, backend));
}

/** Both triangles, [columns, columns] in f32. */
export function unpackTriangle(packed: StatisticValues, columns: number): Float32Array {
  const square = new Float32Array(columns * columns);
  for (let i = 0, at = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, at++) square[i * columns + j] = square[j * columns + i] = packed[at]!;
  }
  return square;
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
