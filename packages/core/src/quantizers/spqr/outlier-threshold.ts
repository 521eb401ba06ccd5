import type { RowBlock } from "../../tensor/row-block.js";

/**
 * What the squared error of an outlier exceeds (`outlier_scale` of the released code): the relative threshold times
 * mean over columns of (variance of the column over rows) / U[j][j]².
 * @param diagonal U[j][j] in the order of the columns
 */
export function outlierThreshold(
  { values, rows, columns }: RowBlock,
  diagonal: Float32Array,
  relative: number,
): number {
  if (rows === 0) return 0;
  let total = 0;
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * columns + column]!;
    const mean = sum / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (values[row * columns + column]! - mean) ** 2;
    // Of a single row there is no variance; the weights themselves stand for it.
    const variance = rows > 1 ? squares / (rows - 1) : mean ** 2;
    total += variance / diagonal[column]! ** 2;
  }
  return (relative * total) / columns;
}
