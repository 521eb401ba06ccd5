import type { RowBlock } from "../../tensor/row-block.js";
import { checkGramAccumulate } from "../check-gram.js";

/** Sums of a block in f64, added to the target in f64 and rounded once. */
export function gramAccumulate(x: RowBlock, target: Float32Array | Float64Array): void {
  checkGramAccumulate(x, target);
  const { values, rows, columns } = x;
  const sums = new Float64Array(columns);
  for (let i = 0; i < columns; i++) {
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      const begin = row * columns;
      const left = values[begin + i]!;
      for (let j = 0; j <= i; j++) sums[j]! += left * values[begin + j]!;
    }
    const line = (i * (i + 1)) / 2;
    for (let j = 0; j <= i; j++) target[line + j]! += sums[j]!;
  }
}
