import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { readWindowBlocks } from "./read-window.js";
import { fillTileRows, selectRows } from "./row-selection.js";
import type { ScanContext } from "./scan-context.js";
import { forEachTileSpan, type TileOptions, tileGeometry } from "./tile-geometry.js";
import { allocateTileSums, type TileMap, tileMeans } from "./tile-map.js";
import { requireFloatTensor } from "./value-places.js";

const MAGNITUDE_BITS = 0x7fffffff;
const INFINITE_BITS = 0x7f800000;

/**
 * Mean of sign(w) in every tile, −1 to 1, zeros counted as 0. NaN and infinities are left out; a tile of nothing else is NaN.
 * @throws `analysis/invalid-option`, `analysis/unsupported-dtype`, `analysis/aborted`
 */
export async function signMap(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  options: TileOptions,
  context: ScanContext,
): Promise<TileMap> {
  const floats = requireFloatTensor(tensor);
  const geometry = tileGeometry(matrixShape(tensor.shape), options);
  const { runs, ...coverage } = selectRows(geometry, options.rowStep);
  const sums = allocateTileSums(geometry);
  const unit = { rows: geometry.tileRows, columns: geometry.tileColumns };
  await readWindowBlocks(checkpoint, floats, geometry.window, runs, unit, context, ({ values }, place) => {
    // The bits of an f32 decide without a branch that depends on the sign, which no processor foresees.
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    forEachTileSpan(geometry, place, (tile, begin, end) => {
      let sum = 0;
      let count = 0;
      for (let i = begin; i < end; i++) {
        const magnitude = bits[i]! & MAGNITUDE_BITS;
        if (magnitude >= INFINITE_BITS) continue;
        count++;
        if (magnitude !== 0) sum += (bits[i]! >> 31) | 1;
      }
      sums.sum[tile]! += sum;
      sums.count[tile]! += count;
    });
  });
  const values = tileMeans(sums);
  fillTileRows(values, geometry.tilesAcross, coverage);
  return { tensor: tensor.name, ...geometry, ...coverage, values };
}
