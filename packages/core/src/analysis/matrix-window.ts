import type { MatrixShape } from "../tensor/row-block.js";
import { checkIntegerOption } from "./integer-option.js";

/** A rectangle of a matrix; one without rows or columns has no weights and is allowed. */
export interface MatrixWindow {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

export function wholeMatrix({ rows, columns }: MatrixShape): MatrixWindow {
  return { row: 0, rows, column: 0, columns };
}

/** @throws `analysis/invalid-option` for a window that is not inside the matrix */
export function checkWindow(window: MatrixWindow, shape: MatrixShape): void {
  checkIntegerOption("window.row", window.row, 0, shape.rows);
  checkIntegerOption("window.rows", window.rows, 0, shape.rows - window.row);
  checkIntegerOption("window.column", window.column, 0, shape.columns);
  checkIntegerOption("window.columns", window.columns, 0, shape.columns - window.column);
}
