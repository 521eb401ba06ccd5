import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { ColumnGrid, FeedbackZones } from "../../backend/ops/feedback-ops.js";
import { type Matrix, rowMajor } from "../../tensor/matrix.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { columnsOf } from "./columns-of.js";
import { bytesInBackendMemory, inBackendMemory } from "./in-backend-memory.js";

/** Columns whose later corrections are applied together, one matrix product a block. */
const BLOCK_COLUMNS = 128;

/** What quantizes columns, a span at a time. */
export interface ColumnMethod {
  /** Columns at which a span must begin (group starts), ascending; 0 is implied. */
  readonly starts: readonly number[];
  /**
   * Called at the start of every span, with all corrections of earlier columns applied to the columns from `first` on, to
   * the next of `starts` at least: what is fitted to a group sees up-to-date weights, also where groups are smaller than a
   * block or do not divide it. A group that is longer than a block is several spans; look at `first` to fit it once.
   * @param weights for this call only (their memory may move), and to be read, not written
   */
  grids(weights: RowBlock, first: number, count: number): SpanGrids;
}

export interface SpanGrids {
  readonly grids: readonly ColumnGrid[];
  /** [count] */
  readonly groupOf: Uint32Array;
  readonly zones?: FeedbackZones;
}

/** What quantizes a whole block of columns at once. */
export interface BlockMethod {
  /** Columns of a block; also its group size. */
  readonly blockColumns: number;
  /**
   * Overwrites `block` (columns `first` … of the matrix, [rows, count] row-major, a copy) with its approximation. The last
   * block may be narrower.
   */
  approximate(block: RowBlock, first: number): void;
}

/**
 * The error-compensated loop of GPTQ, column by column: afterwards `weights` holds the quantized values, and the answer
 * the codes, [rows, columns].
 * @param factor U of `inverseFactor`
 * @param blockColumns changes the speed, and results by rounding only
 */
export function feedbackByColumn(
  weights: RowBlock,
  factor: Float32Array,
  method: ColumnMethod,
  backend: KernelBackend,
  blockColumns: number = BLOCK_COLUMNS,
): Uint8Array {
  return bytesInBackendMemory(weights.values.length, backend, (codes) =>
    inBackendMemory(weights, backend, (current) =>
      quantizeBlocks(current, codes, factor, method, backend, blockColumns),
    ),
  );
}

function quantizeBlocks(
  weights: () => RowBlock,
  codes: () => Uint8Array,
  factor: Float32Array,
  method: ColumnMethod,
  backend: KernelBackend,
  blockColumns: number,
): void {
  const { rows, columns } = weights();
  const errors = new Float32Array(rows * Math.min(blockColumns, columns));
  const starts = [...new Set([0, ...method.starts])].filter((start) => start < columns);
  for (let begin = 0; begin < columns; ) {
    const end = blockEnd(begin, starts, columns, blockColumns);
    const width = end - begin;
    const blockErrors = errors.subarray(0, rows * width);
    const cuts = [begin, ...starts.filter((start) => start > begin && start < end), end];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const first = cuts[i]!;
      const count = cuts[i + 1]! - first;
      const { grids, groupOf, zones } = method.grids(weights(), first, count);
      const place = { first, count, end, errors: blockErrors.subarray(first - begin), errorStride: width };
      backend.errorFeedback({ ...place, weights: weights(), factor, codes: codes(), groupOf }, grids, zones);
    }
    correctLater(weights(), factor, blockErrors, begin, end, backend);
    begin = end;
  }
}

/**
 * The same with errors passed on only to later blocks (BiLLM): all columns of a block are approximated from its weights at
 * its start. Afterwards `weights` holds the approximation.
 */
export function feedbackByBlock(
  weights: RowBlock,
  factor: Float32Array,
  method: BlockMethod,
  backend: KernelBackend,
): void {
  inBackendMemory(weights, backend, (current) => {
    const { rows, columns } = weights;
    for (let begin = 0; begin < columns; begin += method.blockColumns) {
      const end = Math.min(begin + method.blockColumns, columns);
      const block = columnsOf(current(), begin, end);
      method.approximate(block, begin);
      const { values } = current();
      // The approximation takes the place of the weights, and −e = (q − w) / U[j][j] that of the approximation.
      for (let row = 0, from = 0; row < rows; row++) {
        for (let j = begin; j < end; j++, from++) {
          const at = row * columns + j;
          const value = block.values[from]!;
          block.values[from] = Math.fround(value - values[at]!) / factor[j * (columns + 1)]!;
          values[at] = value;
        }
      }
      correctLater(current(), factor, block.values, begin, end, backend);
    }
  });
}

/** `W[:, end …] += −E · U[begin … end, end …]` */
function correctLater(
  weights: RowBlock,
  factor: Float32Array,
  errors: Float32Array,
  begin: number,
  end: number,
  backend: KernelBackend,
): void {
  const { rows, columns, values } = weights;
  if (end === columns || rows === 0) return;
  const width = end - begin;
  const later: Matrix = { ...rowMajor(values, rows, columns), values: values.subarray(end), columns: columns - end };
  const passedOn: Matrix = {
    values: factor.subarray(begin * columns + end, end * columns),
    rows: columns - end,
    columns: width,
    rowStride: 1,
    columnStride: columns,
  };
  backend.matmul(rowMajor(errors, rows, width), passedOn, later, true);
}

/** A block of up to `blockColumns` columns; it ends before a group that would not end in it, if it can. */
function blockEnd(begin: number, starts: readonly number[], columns: number, blockColumns: number): number {
  const end = Math.min(begin + blockColumns, columns);
  if (end === columns || starts.includes(end)) return end;
  return starts.findLast((start) => start > begin && start < end) ?? end;
}
