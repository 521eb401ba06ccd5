import { checkIntegerOption } from "./integer-option.js";
import type { TileGeometry } from "./tile-geometry.js";

/** Consecutive rows of the matrix. */
export interface RowRun {
  readonly row: number;
  readonly rows: number;
}

/** What a map says about the rows that it did not look at. */
export interface RowCoverage {
  /** True: rows were left out, and every figure is of those that were read. */
  readonly isCoarse: boolean;
  /** [tilesDown] The tile row whose figures a tile row shows: itself, or the nearest one of which rows were read. */
  readonly shownFrom: Uint32Array;
  /** [tilesDown] Rows of the matrix that these figures come from. */
  readonly rowsRead: Uint32Array;
}

/** Which rows a map reads. Every run begins at the first row of a tile row, and is the whole window or inside it. */
export interface RowSelection extends RowCoverage {
  readonly runs: readonly RowRun[];
}

const MOST_STEP = 2 ** 31 - 1;

/**
 * About one row in `rowStep`: the first ones of every tile row where tiles are that high, else one row of every so many
 * tile rows; the tile rows between show the figures of the nearest one.
 * @throws `analysis/invalid-option` for a `rowStep` that is no integer from 1 on
 */
export function selectRows({ window, tileRows, tilesDown }: TileGeometry, rowStep = 1): RowSelection {
  checkIntegerOption("rowStep", rowStep, 1, MOST_STEP);
  const rowsIn = (tileRow: number): number => Math.min(tileRows, window.rows - tileRow * tileRows);
  const tileRowStep = Math.ceil(rowStep / tileRows);
  const most = rowStep === 1 ? tileRows : Math.max(1, Math.floor((tileRows * tileRowStep) / rowStep));
  const runs: RowRun[] = [];
  for (let tileRow = 0; tileRow < tilesDown; tileRow += tileRowStep) {
    runs.push({ row: window.row + tileRow * tileRows, rows: Math.min(most, rowsIn(tileRow)) });
  }
  const last = (runs.length - 1) * tileRowStep;
  const shownFrom = Uint32Array.from({ length: tilesDown }, (_, tileRow) =>
    Math.min(last, Math.round(tileRow / tileRowStep) * tileRowStep),
  );
  const rowsRead = shownFrom.map((source) => Math.min(most, rowsIn(source)));
  const isCoarse = runs.reduce((sum, { rows }) => sum + rows, 0) < window.rows;
  const whole = window.rows === 0 ? [] : [{ row: window.row, rows: window.rows }];
  return { runs: isCoarse ? runs : whole, isCoarse, shownFrom, rowsRead };
}

/** Copies the figures of the tile rows that were read into those that show them. */
export function fillTileRows(
  values: Float32Array | Float64Array,
  tilesAcross: number,
  { shownFrom }: RowCoverage,
): void {
  for (const [tileRow, source] of shownFrom.entries()) {
    if (source === tileRow) continue;
    values.copyWithin(tileRow * tilesAcross, source * tilesAcross, (source + 1) * tilesAcross);
  }
}

/** A `rowStep` with which about `mostWeights` weights of the window are read. */
export function coarseRowStep(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  mostWeights: number = COARSE_WEIGHTS,
): number {
  checkIntegerOption("mostWeights", mostWeights, 1, Number.MAX_SAFE_INTEGER);
  return Math.max(1, Math.min(rows, Math.ceil((rows * columns) / mostWeights)));
}

/** Read, decoded and reduced in some 40 ms (kernels-wasm/bench/matrix-pictures.mjs). */
const COARSE_WEIGHTS = 2_500_000;
