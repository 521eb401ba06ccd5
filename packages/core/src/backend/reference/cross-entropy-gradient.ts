import type { RowBlock } from "../../tensor/row-block.js";
import { checkCrossEntropyGradient } from "../check-cross-entropy.js";
import { softmax } from "./softmax.js";

export function crossEntropyGradient(
  logits: RowBlock,
  targets: Uint32Array,
  scale: number,
  dLogits: Float32Array,
): void {
  checkCrossEntropyGradient(logits, targets, dLogits);
  const { values, rows, columns } = logits;
  for (let row = 0; row < rows; row++) {
    const begin = row * columns;
    softmax(values.subarray(begin, begin + columns)).forEach((probability, column) => {
      dLogits[begin + column]! += scale * (probability - (column === targets[row] ? 1 : 0));
    });
  }
}
