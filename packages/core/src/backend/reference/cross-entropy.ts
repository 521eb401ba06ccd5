import type { RowBlock } from "../../tensor/row-block.js";
import { checkCrossEntropy } from "../check-cross-entropy.js";
import { logSoftmax } from "./softmax.js";

export function crossEntropy(logits: RowBlock, targets: Uint32Array, losses: Float64Array): void {
  checkCrossEntropy(logits, targets, losses);
  const { values, rows, columns } = logits;
  for (let row = 0; row < rows; row++) {
    const x = values.subarray(row * columns, (row + 1) * columns);
    losses[row] = 0 - logSoftmax(x)[targets[row]!]!;
  }
}
