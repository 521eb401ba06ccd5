import type { MatrixWindow } from "../../protocol/tensor-messages.js";
import { type MatrixSize, type MatrixViewport, type PixelSize, visibleWindow } from "./matrix-viewport.js";

/** The window to ask for and into how many tiles it is to be divided. */
export interface TileRequest {
  readonly window: MatrixWindow;
  readonly maxWidth: number;
  readonly maxHeight: number;
}

/** The limit of the request `tensor/map`. */
const MOST_TILES = 2048;

/**
 * One tile for every device pixel at most. Windows begin at multiples of the tile, so that tiles stay the same ones, and the
 * picture does not shimmer, while it is panned.
 */
export function tileRequest(viewport: MatrixViewport, size: MatrixSize, devicePixels: PixelSize): TileRequest {
  const shown = visibleWindow(viewport, size);
  const across = alignedAxis(shown.column, shown.columns, viewport.columns, size.columns, devicePixels.width);
  const down = alignedAxis(shown.row, shown.rows, viewport.rows, size.rows, devicePixels.height);
  return {
    window: { row: down.begin, rows: down.length, column: across.begin, columns: across.length },
    maxWidth: across.tiles,
    maxHeight: down.tiles,
  };
}

interface AlignedAxis {
  readonly begin: number;
  readonly length: number;
  readonly tiles: number;
}

function alignedAxis(begin: number, length: number, extent: number, whole: number, pixels: number): AlignedAxis {
  // Two tiles fewer than allowed: aligning adds up to one at each end.
  const tiles = Math.max(1, Math.min(Math.floor(pixels), MOST_TILES - 2));
  const tile = Math.max(1, Math.ceil(extent / tiles));
  const alignedBegin = Math.floor(begin / tile) * tile;
  const alignedEnd = Math.min(Math.ceil((begin + length) / tile) * tile, whole);
  const alignedLength = alignedEnd - alignedBegin;
  return { begin: alignedBegin, length: alignedLength, tiles: Math.ceil(alignedLength / tile) };
}
