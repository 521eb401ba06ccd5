import type { RowBlock } from "./row-block.js";

/** A copy of a matrix with rows and columns exchanged. */
export function transposedBlock({ values, rows, columns }: RowBlock): RowBlock {
  const target = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) target[column * rows + row] = values[row * columns + column]!;
  }
  return { values: target, rows: columns, columns: rows };
}
