import { allocateOutlierTiles } from "../backend/statistics-arrays.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { RowBlock } from "../tensor/row-block.js";
import { readWindowBlocks } from "./read-window.js";
import { fillTileRows, type RowCoverage, selectRows } from "./row-selection.js";
import type { ScanContext } from "./scan-context.js";
import { type TileGeometry, type TileOptions, tileGeometry } from "./tile-geometry.js";
import { requireFloatTensor } from "./value-places.js";

/** A tensor as a picture: one tile a pixel. */
export interface OutlierMap extends TileGeometry, RowCoverage {
  readonly tensor: string;
  /** Of the tensor as a matrix. */
  readonly rows: number;
  readonly columns: number;
  readonly threshold: number;
  /** Largest finite |w| of every tile, row-major; NaN for a tile without a finite weight. */
  readonly absMaximum: Float32Array;
  /** Finite weights with |w| > threshold in every tile. */
  readonly outlierCount: Float64Array;
}

export interface OutlierMapOptions extends TileOptions {
  /** |w| above it is an outlier; see `TensorStatistics.outliers`. */
  readonly threshold: number;
}

/**
 * Reduces a float tensor, or a window of it, to at most maxWidth × maxHeight tiles in one pass and bounded memory.
 * @throws `analysis/invalid-option`, `analysis/unsupported-dtype`, `analysis/aborted`
 */
export async function outlierMap(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  options: OutlierMapOptions,
  context: ScanContext,
): Promise<OutlierMap> {
  const floats = requireFloatTensor(tensor);
  const shape = matrixShape(tensor.shape);
  const geometry = tileGeometry(shape, options);
  const { window, tileRows, tileColumns, tilesDown, tilesAcross } = geometry;
  const { runs, ...coverage } = selectRows(geometry, options.rowStep);
  const { threshold } = options;
  const absMaximum = new Float32Array(tilesDown * tilesAcross).fill(Number.NaN);
  const outlierCount = new Float64Array(tilesDown * tilesAcross);
  const unit = { rows: tileRows, columns: tileColumns };

  await readWindowBlocks(checkpoint, floats, window, runs, unit, context, (block, place) => {
    // A block never crosses the border of a tile that it does not fill, so its own grid starts at its first weight.
    const grid = { tileRows: Math.min(tileRows, block.rows), tileColumns: Math.min(tileColumns, block.columns) };
    const found = allocateOutlierTiles(block.rows, block.columns, grid);
    context.backend.outlierTiles(block, grid, threshold, found);
    const across = Math.ceil(block.columns / grid.tileColumns);
    const firstDown = Math.floor((place.row - window.row) / tileRows);
    const firstAcross = Math.floor((place.column - window.column) / tileColumns);
    for (let i = 0; i < found.absMaximum.length; i++) {
      const [down, right] = [Math.floor(i / across), i % across];
      const tile = (firstDown + down) * tilesAcross + firstAcross + right;
      outlierCount[tile]! += found.outlierCount[i]!;
      const largest = found.absMaximum[i]!;
      // The op answers 0 for zeros alone and for nothing finite at all.
      if (largest === 0 && !hasFiniteValue(block, down * grid.tileRows, right * grid.tileColumns, grid)) continue;
      if (!(absMaximum[tile]! >= largest)) absMaximum[tile] = largest;
    }
  });
  fillTileRows(absMaximum, tilesAcross, coverage);
  fillTileRows(outlierCount, tilesAcross, coverage);
  const { rows, columns } = shape;
  return { tensor: tensor.name, rows, columns, ...geometry, ...coverage, threshold, absMaximum, outlierCount };
}

function hasFiniteValue(
  { values, rows, columns }: RowBlock,
  top: number,
  left: number,
  { tileRows, tileColumns }: { readonly tileRows: number; readonly tileColumns: number },
): boolean {
  for (let row = top; row < Math.min(rows, top + tileRows); row++) {
    for (let column = left; column < Math.min(columns, left + tileColumns); column++) {
      if (Number.isFinite(values[row * columns + column])) return true;
    }
  }
  return false;
}
