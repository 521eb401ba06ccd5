import type { KernelBackend } from "../../backend/kernel-backend.js";
import { roundHalfEven } from "../../linalg/round-half-even.js";
import { rowMajor } from "../../tensor/matrix.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { CodebookSearch } from "./integer-codebooks.js";
import type { BinaryCodes } from "./sign-columns.js";

/** How much the columns of a group matter. */
export interface ColumnWeights {
  /** H[j][j]: for the choice of the codebook. */
  readonly hessian: Float32Array;
  /** 1 / U[j][j]²: for the choice of the scale, the weight that the loop gives to an error of the column. */
  readonly conditional: Float32Array;
}

/** Rows whose candidates are compared at a time. */
const ROWS = 256;

/**
 * The two steps of GPTQT for one group of every row. First a linear grid of integers t = clamp(rne(w / s) + z) over the range
 * of the weights; then the codebook of the integers with the least Σ H_jj · (t − nearest level)². Both are done for every
 * factor of the linear scale ("re-explored", section 3.3 of the paper), and the factor with the least weighted error of the
 * weights stays, the first on a tie. Scales and mean of the code are the fused ones: s · steps and s · (center − z).
 *
 * A candidate costs as many multiplications as there are integers, since rows are compared by their histograms: one product
 * of all histograms with the costs of all codebooks.
 */
export function fitIntegerCodes(
  block: RowBlock,
  columnWeights: ColumnWeights,
  search: CodebookSearch,
  factors: readonly number[],
  backend: KernelBackend,
): BinaryCodes {
  const planes = search.codebooks[0]!.steps.length;
  const scales = Array.from({ length: planes }, () => new Float32Array(block.rows));
  const mean = new Float32Array(block.rows);
  for (let begin = 0; begin < block.rows; begin += ROWS) {
    const rows = Math.min(ROWS, block.rows - begin);
    const values = block.values.subarray(begin * block.columns, (begin + rows) * block.columns);
    const strip = { values, rows, columns: block.columns };
    const grids = Array.from({ length: rows }, (_, row) => linearGrid(strip, row, search.range));
    const least = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
    for (const factor of factors) {
      const scaled = grids.map(({ scale, zero }) => ({ scale: Math.fround(factor * scale), zero }));
      const integers = toIntegers(strip, scaled, search.range);
      const chosen = nearestCodebooks(strip, integers, columnWeights.hessian, search, backend);
      for (let row = 0; row < rows; row++) {
        const { steps, center } = search.codebooks[chosen[row]!]!;
        const { scale, zero } = scaled[row]!;
        const error = rowError(strip, row, integers, chosen[row]!, scaled[row]!, columnWeights.conditional, search);
        if (error >= least[row]!) continue;
        least[row] = error;
        for (let k = 0; k < planes; k++) scales[k]![begin + row] = scale * steps[k]!;
        mean[begin + row] = scale * (center - zero);
      }
    }
  }
  return { scales, mean };
}

interface LinearGrid {
  readonly scale: number;
  /** Integer that stands for 0. */
  readonly zero: number;
}

/** Over the range of a row of weights, 0 included. */
function linearGrid({ values, columns }: RowBlock, row: number, range: number): LinearGrid {
  let [low, high] = [0, 0];
  for (let at = row * columns; at < (row + 1) * columns; at++) {
    low = Math.min(low, values[at]!);
    high = Math.max(high, values[at]!);
  }
  const scale = Math.fround((high - low) / (range - 1));
  return { scale, zero: scale === 0 ? 0 : roundHalfEven(-low / scale) };
}

function toIntegers({ values, rows, columns }: RowBlock, grids: readonly LinearGrid[], range: number): Uint8Array {
  const integers = new Uint8Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const { scale, zero } = grids[row]!;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let c = 0; c < columns; c++, at++) {
      const integer = roundHalfEven(values[at]! * inverse) + zero;
      integers[at] = integer < 0 ? 0 : integer >= range ? range - 1 : integer;
    }
  }
  return integers;
}

/** Of every row, the codebook with the least Σ weight · cost, the first on a tie. */
function nearestCodebooks(
  { rows, columns }: RowBlock,
  integers: Uint8Array,
  weights: Float32Array,
  { codebooks, range, costs }: CodebookSearch,
  backend: KernelBackend,
): Uint32Array {
  const histograms = new Float32Array(rows * range);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, at++) histograms[row * range + integers[at]!]! += weights[c]!;
  }
  const count = codebooks.length;
  const sums = new Float32Array(rows * count);
  backend.matmul(rowMajor(histograms, rows, range), rowMajor(costs, count, range), rowMajor(sums, rows, count));
  const chosen = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = row * count;
    for (let at = best; at < (row + 1) * count; at++) if (sums[at]! < sums[best]!) best = at;
    chosen[row] = best - row * count;
  }
  return chosen;
}

/** Σ weight · (w − level)² of a row, each weight at the level of its integer. */
function rowError(
  { values, columns }: RowBlock,
  row: number,
  integers: Uint8Array,
  chosen: number,
  { scale, zero }: LinearGrid,
  weights: Float32Array,
  search: CodebookSearch,
): number {
  const { range, levels } = search;
  let sum = 0;
  for (let c = 0, at = row * columns; c < columns; c++, at++) {
    const error = values[at]! - scale * (levels[chosen * range + integers[at]!]! - zero);
    sum += weights[c]! * error * error;
  }
  return sum;
}
