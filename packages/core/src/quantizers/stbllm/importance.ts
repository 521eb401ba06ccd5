import type { RowBlock } from "../../tensor/row-block.js";
import type { StatisticValues } from "../layer-statistics.js";

/**
 * STBLLM's importance in the form of its code (RIA): (|w| / Σ_column |w| + |w| / Σ_row |w|) · √‖x_j‖, [rows, columns]. Sums
 * that are 0 count as 1, so that such weights have importance 0.
 * @param hessian packed lower triangle; its diagonal gives ‖x_j‖² up to a constant, which does not change any order
 */
export function weightImportance(weights: RowBlock, hessian: StatisticValues): Float32Array {
  const { values, rows, columns } = weights;
  const rowSums = new Float64Array(rows);
  const columnSums = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const magnitude = Math.abs(values[at]!);
      rowSums[row]! += magnitude;
      columnSums[column]! += magnitude;
    }
  }
  const norms = Float64Array.from({ length: columns }, (_, j) =>
    Math.sqrt(Math.sqrt(Math.max(0, hessian[(j * (j + 1)) / 2 + j]!))),
  );
  const importance = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row++) {
    const ofRow = 1 / (rowSums[row] || 1);
    for (let column = 0; column < columns; column++, at++) {
      importance[at] = Math.abs(values[at]!) * (1 / (columnSums[column] || 1) + ofRow) * norms[column]!;
    }
  }
  return importance;
}
