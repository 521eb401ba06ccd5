import type { MatrixShape } from "./row-block.js";

/** A tensor as a matrix: all axes but the last joined; a vector is one row, a scalar one weight. */
export function matrixShape(shape: readonly number[]): MatrixShape {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return { rows, columns };
}

/** Number of elements: the product of all sizes, 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
