import type { KernelBackend } from "../backend/kernel-backend.js";
import type { MatrixShape, RowBlock } from "../tensor/row-block.js";
import type { Term, TermLayout } from "../terms/term.js";
import type { StatisticKind } from "./layer-statistics.js";
import type { OptionTable } from "./option-table.js";

/**
 * A quantization method: a way of choosing terms. It never sees a file, a dtype of the checkpoint or a CPU.
 *
 * The pipeline calls `layout` for the plan (sizes before any work), then the passes of `survey` if there are any, then
 * `quantizeRows` for every block of rows, in any order and on any thread: a row's codes depend on that row and on the
 * surveyed state only.
 */
export interface Quantizer<O extends object = object, S = unknown> {
  /** Name on the command line: "hqq". */
  readonly name: string;
  /** One line for lists. */
  readonly summary: string;
  /** Paper or code that the method follows, with the section. */
  readonly source: string;
  /** What it asks for besides the weights; nothing for data-free methods. */
  readonly needs: readonly StatisticKind[];
  readonly options: OptionTable<O>;
  /** Refuses options that exclude each other (`options/conflict`). */
  check?(options: O): void;
  /** The terms of a matrix, in the order in which they are summed. */
  layout(shape: MatrixShape, options: O): readonly TermLayout[];
  /** Bits per weight by the paper's own rule. */
  claimedBitsPerWeight(shape: MatrixShape, options: O): number;
  readonly survey?: Survey<O, S>;
  /** True where `quantizeRows` leaves `block.values` as they are: the error is then measured without decoding them again. */
  readonly keepsBlock?: boolean;
  /** Writes the arrays of `terms` for these rows. May overwrite `block.values` unless `keepsBlock`. */
  quantizeRows(block: RowBlock, terms: readonly Term[], options: O, surveyed: S, backend: KernelBackend): void;
}

/**
 * Passes over the whole matrix that must come first (a scale of the whole tensor, the column factor of a rank-one fit).
 * Blocks are the same for every thread count and backend, partial results are folded in row order, so the state is
 * reproducible to the bit. States and partials are plain data (numbers and typed arrays): they cross worker borders.
 */
export interface Survey<O extends object, S> {
  passes(options: O): number;
  begin(shape: MatrixShape, options: O): S;
  /** Looks at one block; `block.values` may be overwritten. Arrays in the answer are given away. */
  look(pass: number, state: S, block: RowBlock, options: O, backend: KernelBackend): unknown;
  /**
   * Joins the partial results of consecutive blocks as they come, so that large ones are not all kept: `earlier` is what
   * was joined so far and may be changed. `fold` gets the one that is left, and gives the same bits as for all of them.
   */
  join?(pass: number, earlier: unknown, later: unknown): unknown;
  /** Joins the partial results of all blocks, in row order, into the state for the next pass. */
  fold(pass: number, state: S, partials: readonly unknown[], options: O): S;
}
