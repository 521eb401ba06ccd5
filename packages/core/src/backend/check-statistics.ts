import { DTYPES, type FloatDtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/lowbit-error.js";
import type { RowBlock } from "../tensor/row-block.js";
import { checkBlock } from "./check-block.js";
import { checkLeastLength, checkLength } from "./operand-length.js";
import type { ErrorStatistics, OutlierTiles, RowStatistics, TileGrid } from "./ops/statistics-ops.js";

// What the ops that look at values or convert them check; results may be longer than what is written into them. Each
// throws `backend/operand-size`, and with a block `backend/block-size`.

/** Values that 16 bits can have. */
const PATTERNS = 65_536;

export function checkRowStatistics(block: RowBlock, target: RowStatistics): void {
  checkBlock("rowStatistics", block);
  checkFigures("rowStatistics", target, block.rows);
}

export function checkErrorStatistics(original: RowBlock, approximation: Float32Array, target: ErrorStatistics): void {
  checkBlock("errorStatistics", original);
  checkLength("approximated weights of errorStatistics", approximation.length, original.values.length);
  checkFigures("errorStatistics", target, original.rows);
}

/** @throws `backend/tile-size` as well, for tiles that are not at least one weight high and wide */
export function checkOutlierTiles(block: RowBlock, { tileRows, tileColumns }: TileGrid, target: OutlierTiles): void {
  checkBlock("outlierTiles", block);
  for (const size of [tileRows, tileColumns]) {
    if (Number.isInteger(size) && size >= 1) continue;
    throw new LowbitError(
      "backend/tile-size",
      `outlierTiles got tiles of ${tileRows} × ${tileColumns} weights; both are integers from 1 on`,
      { tileRows, tileColumns },
    );
  }
  checkFigures("outlierTiles", target, Math.ceil(block.rows / tileRows) * Math.ceil(block.columns / tileColumns));
}

export function checkHistogram(counts: Uint32Array): void {
  checkLength("counts of a histogram", counts.length, PATTERNS);
}

export function checkAbsColumnSums(block: RowBlock, rowWeights: Float64Array, target: Float64Array): void {
  checkBlock("absColumnSums", block);
  checkLength("row weights of absColumnSums", rowWeights.length, block.rows);
  checkLength("sums of absColumnSums", target.length, block.columns);
}

export function checkAbsRowSums(block: RowBlock, columnWeights: Float64Array, target: Float64Array): void {
  checkBlock("absRowSums", block);
  checkLength("column weights of absRowSums", columnWeights.length, block.columns);
  checkLength("sums of absRowSums", target.length, block.rows);
}

export function checkDecodeFloats(dtype: FloatDtype, source: Uint8Array, target: Float32Array): void {
  checkLeastLength(`bytes of ${target.length} ${dtype} elements`, source.length, byteLength(dtype, target.length));
}

export function checkEncodeFloats(dtype: FloatDtype, source: Float32Array, target: Uint8Array): void {
  checkLeastLength(`bytes for ${source.length} ${dtype} elements`, target.length, byteLength(dtype, source.length));
}

function byteLength(dtype: FloatDtype, elements: number): number {
  return Math.ceil((elements * DTYPES[dtype].bits) / 8);
}

function checkFigures(op: string, target: object, least: number): void {
  for (const [name, figures] of Object.entries(target) as [string, ArrayLike<number>][]) {
    checkLeastLength(`places for "${name}" of ${op}`, figures.length, least);
  }
}
