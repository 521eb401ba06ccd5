import type { MatrixShape } from "../tensor/row-block.js";
import { checkIntegerOption } from "./integer-option.js";
import { checkWindow, type MatrixWindow, wholeMatrix } from "./matrix-window.js";

/** How a matrix becomes a picture: what every map takes. */
export interface TileOptions {
  /** Most tiles across and down, 1 to 8192. */
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** Part of the matrix that is drawn; the whole one when absent. */
  readonly window?: MatrixWindow;
  /** About one row in so many is read (see `RowSelection`); 1, every row, when absent. */
  readonly rowStep?: number;
}

/** A window divided into tiles: tile (i, j) holds rows i · tileRows … and columns j · tileColumns … of the window. */
export interface TileGeometry {
  readonly window: MatrixWindow;
  /** Weights that a tile covers down and across; the last tiles cover fewer. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Height and width of the picture in tiles. */
  readonly tilesDown: number;
  readonly tilesAcross: number;
}

const MOST_TILES = 8192;

/** @throws `analysis/invalid-option` for sizes outside their range and windows outside the matrix */
export function tileGeometry(shape: MatrixShape, options: TileOptions): TileGeometry {
  const { maxWidth, maxHeight, window = wholeMatrix(shape) } = options;
  checkIntegerOption("maxWidth", maxWidth, 1, MOST_TILES);
  checkIntegerOption("maxHeight", maxHeight, 1, MOST_TILES);
  checkWindow(window, shape);
  const tileRows = Math.max(1, Math.ceil(window.rows / maxHeight));
  const tileColumns = Math.max(1, Math.ceil(window.columns / maxWidth));
  return {
    window,
    tileRows,
    tileColumns,
    tilesDown: Math.ceil(window.rows / tileRows),
    tilesAcross: Math.ceil(window.columns / tileColumns),
  };
}

/**
 * Calls `visit` with every part of a row of `place` that lies in one tile: elements `begin` … `end − 1` of the row-major
 * values of `place`, a rectangle inside the window in the coordinates of the matrix.
 */
export function forEachTileSpan(
  { window, tileRows, tileColumns, tilesAcross }: TileGeometry,
  place: MatrixWindow,
  visit: (tile: number, begin: number, end: number) => void,
): void {
  const firstColumn = place.column - window.column;
  for (let row = 0; row < place.rows; row++) {
    const tileRow = Math.floor((place.row - window.row + row) / tileRows) * tilesAcross;
    const start = row * place.columns;
    let across = Math.floor(firstColumn / tileColumns);
    for (let column = 0; column < place.columns; across++) {
      const end = Math.min(place.columns, (across + 1) * tileColumns - firstColumn);
      visit(tileRow + across, start + column, start + end);
      column = end;
    }
  }
}
