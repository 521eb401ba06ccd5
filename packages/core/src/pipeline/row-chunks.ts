import type { MatrixShape } from "../tensor/row-block.js";

/** Consecutive rows of a matrix. */
export interface RowRange {
  readonly start: number;
  readonly count: number;
}

/** Weights of one block: f32 values and their approximation stay in a core's L2 cache between the ops. */
const BLOCK_WEIGHTS = 2 ** 17;
/** Bounds the per-row figures of a block for matrices with very short rows. */
const MAX_BLOCK_ROWS = 4096;
/** Blocks of one chunk: large enough that handing a chunk to a worker and writing its arrays costs little beside it. */
const CHUNK_BLOCKS = 16;

/**
 * Rows of one block, the unit of computation: at least one, so a row longer than a block is a block of its own.
 * Depends on the shape alone: partial results are folded in the same order for every thread count and memory limit.
 */
export function rowsPerBlock({ columns }: MatrixShape): number {
  return Math.min(MAX_BLOCK_ROWS, Math.max(1, Math.floor(BLOCK_WEIGHTS / Math.max(1, columns))));
}

/** The chunks of a matrix, the units of scheduling, in row order. */
export function rowChunks(shape: MatrixShape): RowRange[] {
  return split({ start: 0, count: shape.rows }, rowsPerBlock(shape) * CHUNK_BLOCKS);
}

/** The blocks of a chunk, in row order. */
export function rowBlocks(shape: MatrixShape, chunk: RowRange): RowRange[] {
  return split(chunk, rowsPerBlock(shape));
}

/** Rows of the largest chunk. */
export function rowsPerChunk(shape: MatrixShape): number {
  return Math.min(shape.rows, rowsPerBlock(shape) * CHUNK_BLOCKS);
}

function split({ start, count }: RowRange, size: number): RowRange[] {
  const ranges: RowRange[] = [];
  for (let done = 0; done < count; done += size)
    ranges.push({ start: start + done, count: Math.min(size, count - done) });
  return ranges;
}
