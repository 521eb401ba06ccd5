import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { checkIntegerOption } from "./integer-option.js";
import { checkWindow, type MatrixWindow } from "./matrix-window.js";
import { readWindow } from "./read-window.js";
import type { ScanContext } from "./scan-context.js";
import { requireFloatTensor } from "./value-places.js";

/** Most rows and columns of a window of values. */
export const MOST_WINDOW_SIZE = 256;

export interface ValueWindow {
  readonly window: MatrixWindow;
  /** [rows, columns] as they are: NaN, infinities and −0 included. */
  readonly values: Float32Array;
}

/**
 * The values of a rectangle of at most 256 × 256 weights.
 * @throws `analysis/invalid-option` for a larger window or one that is not inside the matrix;
 *   `analysis/unsupported-dtype`, `analysis/aborted`
 */
export async function valueWindow(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  window: MatrixWindow,
  context: ScanContext,
): Promise<ValueWindow> {
  const floats = requireFloatTensor(tensor);
  checkWindow(window, matrixShape(tensor.shape));
  checkIntegerOption("window.rows", window.rows, 0, MOST_WINDOW_SIZE);
  checkIntegerOption("window.columns", window.columns, 0, MOST_WINDOW_SIZE);
  return { window, values: await readWindow(checkpoint, floats, window, context) };
}
