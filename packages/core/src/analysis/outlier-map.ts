import { allocateOutlierTiles } from "../backend/statistics-arrays.js";
import { LowbitError } from "../errors/index.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixPieces } from "../tensor/matrix-pieces.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { readFloatBlocks } from "./read-blocks.js";
import type { ScanContext } from "./scan-context.js";
import { elementCapacity, requireFloatTensor, toSpan } from "./value-places.js";

/** A tensor as a picture: one tile a pixel. */
export interface OutlierMap {
  readonly tensor: string;
  /** Of the tensor as a matrix. */
  readonly rows: number;
  readonly columns: number;
  /** Weights that a tile covers down and across; the last tiles cover fewer. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Height and width of the picture in tiles. */
  readonly tilesDown: number;
  readonly tilesAcross: number;
  readonly threshold: number;
  /** Largest finite |w| of every tile, row-major. */
  readonly absMaximum: Float32Array;
  /** Finite weights with |w| > threshold in every tile. */
  readonly outlierCount: Float64Array;
}

export interface OutlierMapOptions {
  /** Most tiles across and down, 1 to 8192. */
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** |w| above it is an outlier; see `TensorStatistics.outliers`. */
  readonly threshold: number;
}

const MOST_TILES = 8192;

/** Reduces a float tensor to at most maxWidth × maxHeight tiles in one pass and bounded memory. */
export async function outlierMap(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  options: OutlierMapOptions,
  context: ScanContext,
): Promise<OutlierMap> {
  const floats = requireFloatTensor(tensor);
  const shape = matrixShape(tensor.shape);
  const tileRows = tileSize(shape.rows, options.maxHeight, "maxHeight");
  const tileColumns = tileSize(shape.columns, options.maxWidth, "maxWidth");
  const tilesDown = Math.ceil(shape.rows / tileRows);
  const tilesAcross = Math.ceil(shape.columns / tileColumns);
  const absMaximum = new Float32Array(tilesDown * tilesAcross);
  const outlierCount = new Float64Array(tilesDown * tilesAcross);
  const pieces = matrixPieces(shape, elementCapacity(tensor, context), { rows: tileRows, columns: tileColumns });

  await readFloatBlocks(checkpoint, floats, pieces.map(toSpan(shape.columns)), context, (values, index) => {
    const { row, rows, column, columns } = pieces[index]!;
    // A piece never crosses the border of a tile that it does not fill, so its own grid starts at its first weight.
    const grid = { tileRows: Math.min(tileRows, rows), tileColumns: Math.min(tileColumns, columns) };
    const found = allocateOutlierTiles(rows, columns, grid);
    context.backend.outlierTiles({ values, rows, columns }, grid, options.threshold, found);
    const across = Math.ceil(columns / grid.tileColumns);
    for (let i = 0; i < found.absMaximum.length; i++) {
      const down = Math.floor(row / tileRows) + Math.floor(i / across);
      const tile = down * tilesAcross + Math.floor(column / tileColumns) + (i % across);
      absMaximum[tile] = Math.max(absMaximum[tile]!, found.absMaximum[i]!);
      outlierCount[tile]! += found.outlierCount[i]!;
    }
  });
  const { threshold } = options;
  return {
    tensor: tensor.name,
    rows: shape.rows,
    columns: shape.columns,
    tileRows,
    tileColumns,
    tilesDown,
    tilesAcross,
    threshold,
    absMaximum,
    outlierCount,
  };
}

function tileSize(size: number, most: number, option: string): number {
  if (!Number.isInteger(most) || most < 1 || most > MOST_TILES) {
    throw new LowbitError(
      "analysis/invalid-option",
      `${option} is ${most}; allowed are integers from 1 to ${MOST_TILES}.`,
      {
        option,
        value: most,
      },
    );
  }
  return Math.max(1, Math.ceil(size / most));
}
