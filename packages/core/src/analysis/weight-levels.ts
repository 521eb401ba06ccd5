import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { checkWindow } from "./matrix-window.js";
import { readWindowBlocks } from "./read-window.js";
import type { ScanContext } from "./scan-context.js";
import { requireFloatTensor } from "./value-places.js";

/** A part of a row: the columns of a group. */
export interface RowPart {
  readonly row: number;
  readonly column: number;
  readonly columns: number;
}

/** Most values that count as levels: codes have at most eight bits. */
export const MOST_LEVELS = 256;

/**
 * The distinct finite values that the weights of a part of a row take, ascending, −0 as 0. Empty for more than 256: such
 * weights lie on no grid that one could draw (plain weights, several terms, rotated inputs).
 * @throws `analysis/invalid-option` for a part that is not inside the matrix; `analysis/unsupported-dtype`,
 *   `analysis/aborted`
 */
export async function weightLevels(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  part: RowPart,
  context: ScanContext,
): Promise<Float64Array> {
  const floats = requireFloatTensor(tensor);
  const window = { ...part, rows: 1 };
  checkWindow(window, matrixShape(tensor.shape));
  const levels = new Set<number>();
  const unit = { rows: 1, columns: 1 };
  await readWindowBlocks(checkpoint, floats, window, [window], unit, context, ({ values }) => {
    for (const value of values) {
      if (levels.size > MOST_LEVELS) return;
      // A set holds -0 as 0.
      if (Number.isFinite(value)) levels.add(value);
    }
  });
  return levels.size > MOST_LEVELS ? new Float64Array(0) : Float64Array.from(levels).sort();
}
