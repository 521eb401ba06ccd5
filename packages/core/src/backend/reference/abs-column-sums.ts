import type { RowBlock } from "../../tensor/row-block.js";
import { checkAbsColumnSums } from "../check-statistics.js";

/** target[c] += Σ_r |w[r,c]| · rowWeights[r], all f64, rows in ascending order. */
export function absColumnSums(block: RowBlock, rowWeights: Float64Array, target: Float64Array): void {
  checkAbsColumnSums(block, rowWeights, target);
  const { rows, columns, values } = block;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      target[column]! += Math.abs(values[row * columns + column]!) * rowWeights[row]!;
    }
  }
}
