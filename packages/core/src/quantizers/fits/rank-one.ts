import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { MatrixShape, RowBlock } from "../../tensor/row-block.js";
import { readScales, writeScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { ScaleDtype, Term } from "../../terms/term.js";

/**
 * |W| ≈ g hᵀ by alternating least squares, one pass over the matrix a round:
 *
 *     g_r = Σ_c |w_rc| h_c / Σ_c h_c²        h_c = Σ_r |w_rc| g_r / Σ_r g_r²
 *
 * Every half step minimises ‖ |W| − g hᵀ ‖², and the rounds are those of the power iteration: from h = 1 they tend to
 * the leading singular vectors of |W|, which have no negative entry. g is never kept: it follows from h row by row.
 */
export interface RankOneState {
  /** h, one a column, with mean square 1 so that it fits a 16-bit float whatever the size of the weights. */
  readonly columnFactor: Float64Array;
}

/** What one block of rows adds to the next h. */
export interface RankOnePartial {
  /** Σ_r |w_rc| g_r over the rows of the block. */
  readonly columnSums: Float64Array;
  /** Σ_r g_r². */
  readonly rowSquares: number;
}

export function beginRankOne(shape: MatrixShape): RankOneState {
  return { columnFactor: new Float64Array(shape.columns).fill(1) };
}

export function lookRankOne(state: RankOneState, block: RowBlock, backend: KernelBackend): RankOnePartial {
  const rowFactor = fitRowFactor(block, state.columnFactor, backend);
  const columnSums = new Float64Array(block.columns);
  backend.absColumnSums(block, rowFactor, columnSums);
  return { columnSums, rowSquares: sumOfSquares(rowFactor) };
}

/** The sums over two runs of consecutive blocks; `earlier` takes them. `foldRankOne` adds in the same order. */
export function joinRankOne(earlier: RankOnePartial, later: RankOnePartial): RankOnePartial {
  const { columnSums } = earlier;
  for (let c = 0; c < columnSums.length; c++) columnSums[c]! += later.columnSums[c]!;
  return { columnSums, rowSquares: earlier.rowSquares + later.rowSquares };
}

/** The h of the next round; the old one where every weight is 0. */
export function foldRankOne(state: RankOneState, partials: readonly RankOnePartial[]): RankOneState {
  const columnFactor = new Float64Array(state.columnFactor.length);
  let rowSquares = 0;
  for (const partial of partials) {
    rowSquares += partial.rowSquares;
    for (let c = 0; c < columnFactor.length; c++) columnFactor[c]! += partial.columnSums[c]!;
  }
  if (rowSquares === 0) return state;
  for (let c = 0; c < columnFactor.length; c++) columnFactor[c]! /= rowSquares;
  const rootMeanSquare = Math.sqrt(sumOfSquares(columnFactor) / columnFactor.length);
  for (let c = 0; c < columnFactor.length; c++) columnFactor[c]! /= rootMeanSquare;
  return { columnFactor };
}

/** The one term of a sign × rank-one method. */
export function rankOneLayout(shape: MatrixShape, scaleDtype: ScaleDtype): SignLayout {
  return {
    kind: "sign",
    rows: shape.rows,
    columns: shape.columns,
    granularity: "row",
    groupSize: shape.columns,
    zones: 1,
    hasMean: false,
    hasColumnScale: true,
    scaleDtype,
  };
}

/** Stores h, then the g that fits these rows best to the stored h, then the signs. */
export function writeRankOne(
  block: RowBlock,
  term: Term<SignLayout>,
  state: RankOneState,
  backend: KernelBackend,
): void {
  const { layout, arrays } = term;
  writeScales(Float32Array.from(state.columnFactor), layout.scaleDtype, arrays.columnScale!);
  const stored = Float64Array.from(readScales(arrays.columnScale!, layout.scaleDtype));
  const rowFactor = fitRowFactor(block, stored, backend);
  writeScales(Float32Array.from(rowFactor), layout.scaleDtype, arrays.scale);
  backend.signEncode(block, term);
}

function fitRowFactor(block: RowBlock, columnFactor: Float64Array, backend: KernelBackend): Float64Array {
  const rowFactor = new Float64Array(block.rows);
  backend.absRowSums(block, columnFactor, rowFactor);
  const squares = sumOfSquares(columnFactor);
  if (squares > 0) for (let r = 0; r < rowFactor.length; r++) rowFactor[r]! /= squares;
  return rowFactor;
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
