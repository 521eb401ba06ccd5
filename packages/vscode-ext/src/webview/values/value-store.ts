import type { Ask } from "../../protocol/rpc-client.js";
import type { MatrixWindow, ValueWindow, WeightSide } from "../../protocol/tensor-messages.js";
import { isCancelled } from "../failure-view.js";

/** Whose values are meant, and the shape of the matrix. */
export interface ValueSource {
  readonly name: string;
  readonly side: WeightSide;
  /** Values of this side come with them. */
  readonly against?: WeightSide | undefined;
  readonly rows: number;
  readonly columns: number;
}

export interface CellValue {
  readonly value: number;
  /** Of the other side. */
  readonly other?: number;
}

/** Single values of one matrix, asked for in blocks; the latest blocks are kept. */
export interface ValueStore {
  /** The value of a cell, if it is here. */
  peek(row: number, column: number): CellValue | undefined;
  /** True when every value of a window is here. */
  has(window: MatrixWindow): boolean;
  /** Asks for what is missing of a window of at most 256 × 256; resolves when it is there. Rejects as requests do. */
  load(window: MatrixWindow): Promise<void>;
  dispose(): void;
}

/** A block is asked for as a whole; several fit into the limit of 256 × 256 of one request. */
export const BLOCK_ROWS = 64;
export const BLOCK_COLUMNS = 128;

const MOST_BLOCKS = 64;

export function createValueStore(source: ValueSource, request: Ask): ValueStore {
  const aborter = new AbortController();
  const blocks = new Map<string, ValueWindow>();
  const coming = new Map<string, Promise<void>>();

  function blockKey(row: number, column: number): string {
    return `${Math.floor(row / BLOCK_ROWS)},${Math.floor(column / BLOCK_COLUMNS)}`;
  }

  async function fetchBlock(key: string, row: number, column: number): Promise<void> {
    const { name, side, against } = source;
    const window = {
      row,
      rows: Math.min(BLOCK_ROWS, source.rows - row),
      column,
      columns: Math.min(BLOCK_COLUMNS, source.columns - column),
    };
    try {
      const answer = await request(
        "tensor/values",
        { name, side, window, ...(against === undefined ? {} : { against }) },
        { signal: aborter.signal },
      );
      blocks.set(key, answer);
      for (const oldest of blocks.keys()) {
        if (blocks.size <= MOST_BLOCKS) break;
        blocks.delete(oldest);
      }
    } finally {
      coming.delete(key);
    }
  }

  return {
    peek(row, column) {
      const key = blockKey(row, column);
      const block = blocks.get(key);
      if (block === undefined) return undefined;
      const { window, values, otherValues } = block;
      const place = (row - window.row) * window.columns + column - window.column;
      const value = values[place];
      if (value === undefined) return undefined;
      const other = otherValues?.[place];
      return other === undefined ? { value } : { value, other };
    },

    has(window) {
      return blocksOf(window, source).every(({ row, column }) => blocks.has(blockKey(row, column)));
    },

    async load(window) {
      const waits: Promise<void>[] = [];
      for (const { row, column } of blocksOf(window, source)) {
        const key = blockKey(row, column);
        const block = blocks.get(key);
        if (block !== undefined) {
          // Used again: the last to be dropped.
          blocks.delete(key);
          blocks.set(key, block);
          continue;
        }
        const wait = coming.get(key) ?? fetchBlock(key, row, column);
        coming.set(key, wait);
        waits.push(wait);
      }
      await Promise.all(waits);
    },

    dispose() {
      aborter.abort();
    },
  };
}

/** Loads, and leaves out the error of a request that was taken back. */
export async function loadQuietly(store: ValueStore, window: MatrixWindow): Promise<boolean> {
  try {
    await store.load(window);
    return true;
  } catch (error) {
    if (isCancelled(error)) return false;
    throw error;
  }
}

/** Where the blocks begin that a window touches. */
function blocksOf(window: MatrixWindow, source: ValueSource): { readonly row: number; readonly column: number }[] {
  const endRow = Math.min(window.row + window.rows, source.rows);
  const endColumn = Math.min(window.column + window.columns, source.columns);
  const found: { row: number; column: number }[] = [];
  for (let row = floorTo(window.row, BLOCK_ROWS); row < endRow; row += BLOCK_ROWS) {
    for (let column = floorTo(window.column, BLOCK_COLUMNS); column < endColumn; column += BLOCK_COLUMNS) {
      found.push({ row, column });
    }
  }
  return found;
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
