import type { MatrixWindow } from "../../protocol/tensor-messages.js";
import type { MatrixCell, MatrixSize } from "../outlier-map/matrix-viewport.js";

/** Cells that are shown at a time. */
const GRID_ROWS = 64;
const GRID_COLUMNS = 16;

/** The page of the grid in which a cell stands. Pages do not overlap, so that a step over their border changes all of it. */
export function gridWindow(cell: MatrixCell, size: MatrixSize): MatrixWindow {
  const row = Math.floor(inside(cell.row, size.rows) / GRID_ROWS) * GRID_ROWS;
  const column = Math.floor(inside(cell.column, size.columns) / GRID_COLUMNS) * GRID_COLUMNS;
  return {
    row,
    rows: Math.min(GRID_ROWS, size.rows - row),
    column,
    columns: Math.min(GRID_COLUMNS, size.columns - column),
  };
}

/** The cell that a key leads to; undefined where the key means nothing to the grid. */
export function steppedGridCell(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
  cell: MatrixCell,
  size: MatrixSize,
): MatrixCell | undefined {
  if (event.altKey) return undefined;
  const isFar = event.ctrlKey || event.metaKey;
  const to = (row: number, column: number): MatrixCell => ({
    row: inside(row, size.rows),
    column: inside(column, size.columns),
  });
  switch (event.key) {
    case "ArrowUp":
      return to(isFar ? 0 : cell.row - 1, cell.column);
    case "ArrowDown":
      return to(isFar ? size.rows - 1 : cell.row + 1, cell.column);
    case "ArrowLeft":
      return to(cell.row, isFar ? 0 : cell.column - 1);
    case "ArrowRight":
      return to(cell.row, isFar ? size.columns - 1 : cell.column + 1);
    case "PageUp":
      return to(cell.row - GRID_ROWS, cell.column);
    case "PageDown":
      return to(cell.row + GRID_ROWS, cell.column);
    case "Home":
      return to(isFar ? 0 : cell.row, 0);
    case "End":
      return to(isFar ? size.rows - 1 : cell.row, size.columns - 1);
    default:
      return undefined;
  }
}

/** Rows and columns with their numbers, separated by tabs, as a spreadsheet takes them. Cells not here are empty. */
export function windowAsTsv(
  window: MatrixWindow,
  valueAt: (row: number, column: number) => number | undefined,
): string {
  const columns = Array.from({ length: window.columns }, (_, i) => window.column + i);
  const lines = [["row", ...columns].join("\t")];
  for (let row = window.row; row < window.row + window.rows; row++) {
    lines.push([row, ...columns.map((column) => valueAt(row, column) ?? "")].join("\t"));
  }
  return `${lines.join("\n")}\n`;
}

function inside(value: number, length: number): number {
  return Math.max(0, Math.min(Math.trunc(value) || 0, length - 1));
}
