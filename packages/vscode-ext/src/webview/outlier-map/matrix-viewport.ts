import type { MatrixWindow } from "../../protocol/tensor-messages.js";

/** What part of a matrix fills the canvas, in cells; fractions are allowed. Both axes have their own scale. */
export interface MatrixViewport {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

export interface MatrixCell {
  readonly row: number;
  readonly column: number;
}

/** Size in CSS pixels beyond which a cell does not grow: room for a number. */
const LARGEST_CELL: PixelSize = { width: 72, height: 36 };

export function wholeMatrix(size: MatrixSize): MatrixViewport {
  return { row: 0, rows: size.rows, column: 0, columns: size.columns };
}

/** Puts a viewport inside the matrix, neither larger than it nor smaller than a handful of cells. */
export function clampViewport(viewport: MatrixViewport, size: MatrixSize, pixels: PixelSize): MatrixViewport {
  const rows = clampExtent(viewport.rows, size.rows, pixels.height / LARGEST_CELL.height);
  const columns = clampExtent(viewport.columns, size.columns, pixels.width / LARGEST_CELL.width);
  return {
    rows,
    columns,
    row: clampBetween(viewport.row, 0, size.rows - rows),
    column: clampBetween(viewport.column, 0, size.columns - columns),
  };
}

/** Zooms by a factor (above 1: closer) so that the point at the shares `x`, `y` (0 to 1) of the canvas stays where it is. */
export function zoomAbout(
  viewport: MatrixViewport,
  factor: number,
  at: { readonly x: number; readonly y: number },
  size: MatrixSize,
  pixels: PixelSize,
): MatrixViewport {
  // Extents are clamped first: at the limit of one axis the point must stay put, too.
  const { rows, columns } = clampViewport(
    { ...viewport, rows: viewport.rows / factor, columns: viewport.columns / factor },
    size,
    pixels,
  );
  const row = viewport.row + at.y * (viewport.rows - rows);
  const column = viewport.column + at.x * (viewport.columns - columns);
  return clampViewport({ row, rows, column, columns }, size, pixels);
}

/** Moves by shares of what is shown; positive: towards the end. */
export function panBy(
  viewport: MatrixViewport,
  share: { readonly x: number; readonly y: number },
  size: MatrixSize,
  pixels: PixelSize,
): MatrixViewport {
  const row = viewport.row + share.y * viewport.rows;
  const column = viewport.column + share.x * viewport.columns;
  return clampViewport({ ...viewport, row, column }, size, pixels);
}

/** Moves just so far that a cell is shown. */
export function reveal(
  viewport: MatrixViewport,
  cell: MatrixCell,
  size: MatrixSize,
  pixels: PixelSize,
): MatrixViewport {
  const row = clampBetween(viewport.row, cell.row + 1 - viewport.rows, cell.row);
  const column = clampBetween(viewport.column, cell.column + 1 - viewport.columns, cell.column);
  return clampViewport({ ...viewport, row, column }, size, pixels);
}

/** Shows a cell in the middle. */
export function centreOn(
  viewport: MatrixViewport,
  cell: MatrixCell,
  size: MatrixSize,
  pixels: PixelSize,
): MatrixViewport {
  const row = cell.row + 0.5 - viewport.rows / 2;
  const column = cell.column + 0.5 - viewport.columns / 2;
  return clampViewport({ ...viewport, row, column }, size, pixels);
}

/** The cell at the shares `x`, `y` (0 to 1) of the canvas. */
export function cellAt(
  viewport: MatrixViewport,
  at: { readonly x: number; readonly y: number },
  size: MatrixSize,
): MatrixCell {
  return {
    row: clampBetween(Math.floor(viewport.row + at.y * viewport.rows), 0, size.rows - 1),
    column: clampBetween(Math.floor(viewport.column + at.x * viewport.columns), 0, size.columns - 1),
  };
}

/** Every cell of which at least a part is shown. */
export function visibleWindow(viewport: MatrixViewport, size: MatrixSize): MatrixWindow {
  const row = clampBetween(Math.floor(viewport.row), 0, size.rows - 1);
  const column = clampBetween(Math.floor(viewport.column), 0, size.columns - 1);
  const endRow = clampBetween(Math.ceil(viewport.row + viewport.rows), row + 1, size.rows);
  const endColumn = clampBetween(Math.ceil(viewport.column + viewport.columns), column + 1, size.columns);
  return { row, rows: endRow - row, column, columns: endColumn - column };
}

export function isWhole(viewport: MatrixViewport, size: MatrixSize): boolean {
  return viewport.rows >= size.rows && viewport.columns >= size.columns;
}

function clampExtent(wanted: number, whole: number, least: number): number {
  return clampBetween(wanted, Math.min(whole, Math.max(1, least)), whole);
}

/** `least` wins where the bounds cross; not-a-number becomes `least`. */
function clampBetween(value: number, least: number, most: number): number {
  return value > least ? Math.max(least, Math.min(value, most)) : least;
}
