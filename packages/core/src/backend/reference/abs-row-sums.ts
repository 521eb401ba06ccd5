import { laneSum64 } from "../../linalg/lane-sum.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { checkAbsRowSums } from "../check-statistics.js";

/** target[r] = Σ_c |w[r,c]| · columnWeights[c], all f64, sixteen partial sums and the tree. */
export function absRowSums(block: RowBlock, columnWeights: Float64Array, target: Float64Array): void {
  checkAbsRowSums(block, columnWeights, target);
  const { rows, columns, values } = block;
  for (let row = 0; row < rows; row++) {
    const products = Float64Array.from({ length: columns }, (_, column) => {
      return Math.abs(values[row * columns + column]!) * columnWeights[column]!;
    });
    target[row] = laneSum64(products);
  }
}
