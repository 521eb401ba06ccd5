import type { RowBlock } from "../tensor/row-block.js";
import { checkLength } from "./operand-length.js";

/** Elements of the lower triangle of a matrix of `size` rows. */
function triangleLength(size: number): number {
  return (size * (size + 1)) / 2;
}

/** @throws `backend/operand-size` */
export function checkGramAccumulate({ values, rows, columns }: RowBlock, target: Float32Array | Float64Array): void {
  checkLength(`activations of ${rows} tokens of ${columns} features`, values.length, rows * columns);
  checkLength(`elements of the lower triangle of ${columns} features`, target.length, triangleLength(columns));
}
