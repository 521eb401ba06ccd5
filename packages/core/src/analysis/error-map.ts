import { LowbitError } from "../errors/index.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixPieces } from "../tensor/matrix-pieces.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { MatrixShape } from "../tensor/row-block.js";
import { readWindow } from "./read-window.js";
import { fillTileRows, selectRows } from "./row-selection.js";
import type { ScanContext } from "./scan-context.js";
import { forEachTileSpan, type TileOptions, tileGeometry } from "./tile-geometry.js";
import { allocateTileSums, type TileMap, tileRootMeans } from "./tile-map.js";
import { elementCapacity, requireFloatTensor } from "./value-places.js";

/** A tensor and where its bytes are read. */
export interface ReadableTensor {
  readonly checkpoint: Checkpoint;
  readonly tensor: CheckpointTensor;
}

/**
 * Root mean square of left − right in every tile, differences in f64. Pairs of which one is NaN or infinite are left out;
 * a tile of nothing else is NaN. `left` gives its name to the picture.
 * @throws `analysis/shapes-differ` for two that are not the same matrix; `analysis/invalid-option`,
 *   `analysis/unsupported-dtype`, `analysis/aborted`
 */
export async function errorMap(
  left: ReadableTensor,
  right: ReadableTensor,
  options: TileOptions,
  context: ScanContext,
): Promise<TileMap> {
  const [leftFloats, rightFloats] = [requireFloatTensor(left.tensor), requireFloatTensor(right.tensor)];
  const shape = sameMatrix(left.tensor, right.tensor);
  const geometry = tileGeometry(shape, options);
  const { runs, ...coverage } = selectRows(geometry, options.rowStep);
  const { column, columns } = geometry.window;
  const capacity = Math.min(elementCapacity(left.tensor, context), elementCapacity(right.tensor, context));
  const sums = allocateTileSums(geometry);
  const batches = runs.flatMap(({ row, rows }) =>
    matrixPieces({ rows, columns }, capacity).map((piece) => ({
      ...piece,
      row: row + piece.row,
      column: column + piece.column,
    })),
  );
  const most = batches.reduce((largest, batch) => Math.max(largest, batch.rows * batch.columns), 0);
  const [own, other] = [new Float32Array(most), new Float32Array(most)];
  for (const batch of batches) {
    await readWindow(left.checkpoint, leftFloats, batch, context, own);
    await readWindow(right.checkpoint, rightFloats, batch, context, other);
    forEachTileSpan(geometry, batch, (tile, begin, end) => {
      let sum = 0;
      let count = 0;
      for (let i = begin; i < end; i++) {
        const difference = own[i]! - other[i]!;
        if (!Number.isFinite(difference)) continue;
        sum += difference * difference;
        count++;
      }
      sums.sum[tile]! += sum;
      sums.count[tile]! += count;
    });
  }
  const values = tileRootMeans(sums);
  fillTileRows(values, geometry.tilesAcross, coverage);
  return { tensor: left.tensor.name, ...geometry, ...coverage, values };
}

/** @throws `analysis/shapes-differ` */
function sameMatrix(left: CheckpointTensor, right: CheckpointTensor): MatrixShape {
  const [shape, other] = [matrixShape(left.shape), matrixShape(right.shape)];
  if (shape.rows === other.rows && shape.columns === other.columns) return shape;
  throw new LowbitError(
    "analysis/shapes-differ",
    `"${left.name}" has ${shape.rows} × ${shape.columns} weights and "${right.name}" ${other.rows} × ${other.columns}; only weights of one shape have a difference.`,
    { left: left.name, right: right.name, found: [other.rows, other.columns], expected: [shape.rows, shape.columns] },
  );
}
