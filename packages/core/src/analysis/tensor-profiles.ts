import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { RowBlock } from "../tensor/row-block.js";
import { checkIntegerOption } from "./integer-option.js";
import { checkWindow, type MatrixWindow, wholeMatrix } from "./matrix-window.js";
import { readWindowBlocks } from "./read-window.js";
import type { ScanContext } from "./scan-context.js";
import { requireFloatTensor } from "./value-places.js";

/** Figures along one axis, reduced to spans of rows or of columns. NaN for a span without a finite weight. */
export interface AxisProfile {
  /** Rows (or columns) of a span; the last one has fewer. */
  readonly step: number;
  /** Rows (or columns) in all. */
  readonly size: number;
  /** [spans] each; largest finite |w|, root mean square, mean. */
  readonly absMaximum: Float32Array;
  readonly rms: Float32Array;
  readonly mean: Float32Array;
}

export interface TensorProfiles {
  readonly rows: AxisProfile;
  readonly columns: AxisProfile;
}

export interface ProfileOptions {
  /** Most spans an axis, 1 to 8192; 1024 when absent. */
  readonly maxSpans?: number;
  /** Part of the matrix; the whole one when absent. */
  readonly window?: MatrixWindow;
}

const MOST_SPANS = 8192;
const DEFAULT_SPANS = 1024;

/**
 * Largest magnitude, root mean square and mean along both axes, in one pass. Sums are f64; NaN and infinities are left out.
 * @throws `analysis/invalid-option`, `analysis/unsupported-dtype`, `analysis/aborted`
 */
export async function tensorProfiles(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  context: ScanContext,
  options: ProfileOptions = {},
): Promise<TensorProfiles> {
  const floats = requireFloatTensor(tensor);
  const shape = matrixShape(tensor.shape);
  const { maxSpans = DEFAULT_SPANS, window = wholeMatrix(shape) } = options;
  checkIntegerOption("maxSpans", maxSpans, 1, MOST_SPANS);
  checkWindow(window, shape);
  const rows = allocateSpans(window.rows, maxSpans);
  const columns = allocateSpans(window.columns, maxSpans);
  const unit = { rows: 1, columns: columns.step };
  await readWindowBlocks(checkpoint, floats, window, [window], unit, context, (block, place) => {
    addBlock(block, place.row - window.row, place.column - window.column, rows, columns);
  });
  return { rows: finishProfile(rows), columns: finishProfile(columns) };
}

interface SpanSums {
  readonly step: number;
  readonly size: number;
  readonly absMaximum: Float64Array;
  readonly sum: Float64Array;
  readonly sum2: Float64Array;
  readonly count: Float64Array;
}

function allocateSpans(size: number, most: number): SpanSums {
  const step = Math.max(1, Math.ceil(size / most));
  const allocate = (): Float64Array => new Float64Array(Math.ceil(size / step));
  return { step, size, absMaximum: allocate(), sum: allocate(), sum2: allocate(), count: allocate() };
}

/** Adds every part of a row that lies in one span of columns to that span and to the span of its row. */
function addBlock(block: RowBlock, row: number, column: number, rows: SpanSums, columns: SpanSums): void {
  const { values } = block;
  for (let i = 0; i < block.rows; i++) {
    const down = Math.floor((row + i) / rows.step);
    const start = i * block.columns;
    let across = Math.floor(column / columns.step);
    for (let begin = 0; begin < block.columns; across++) {
      const end = Math.min(block.columns, (across + 1) * columns.step - column);
      let largest = 0;
      let sum = 0;
      let sum2 = 0;
      let count = 0;
      for (let at = start + begin; at < start + end; at++) {
        const value = values[at]!;
        const magnitude = Math.abs(value);
        if (!(magnitude < Number.POSITIVE_INFINITY)) continue;
        if (magnitude > largest) largest = magnitude;
        sum += value;
        sum2 += value * value;
        count++;
      }
      addSpan(rows, down, largest, sum, sum2, count);
      addSpan(columns, across, largest, sum, sum2, count);
      begin = end;
    }
  }
}

function addSpan(target: SpanSums, span: number, largest: number, sum: number, sum2: number, count: number): void {
  if (largest > target.absMaximum[span]!) target.absMaximum[span] = largest;
  target.sum[span]! += sum;
  target.sum2[span]! += sum2;
  target.count[span]! += count;
}

function finishProfile({ step, size, absMaximum, sum, sum2, count }: SpanSums): AxisProfile {
  return {
    step,
    size,
    absMaximum: Float32Array.from(absMaximum, (value, span) => (count[span] === 0 ? Number.NaN : value)),
    rms: Float32Array.from(sum2, (total, span) => Math.sqrt(total / count[span]!)),
    mean: Float32Array.from(sum, (total, span) => total / count[span]!),
  };
}
