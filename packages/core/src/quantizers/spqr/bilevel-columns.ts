import { packCodes } from "../../bitpack/pack-codes.js";
import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { BilevelLayout } from "../../terms/bilevel.js";
import { groupCount } from "../../terms/granularity.js";
import { storeScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { columnsOf } from "../error-feedback/columns-of.js";
import type { ColumnMethod, SpanGrids } from "../error-feedback/feedback-loop.js";
import { replaceKept } from "../fits/kept-weights.js";
import { likelyOutliers } from "./leave-one-out.js";

const { fround } = Math;

/** How outliers are found while the loop runs. */
export interface OutlierSearch {
  /** Squared error above which a weight is kept. */
  readonly threshold: number;
  /** U[j][j]; given where grids are fitted without the likely outliers of a leave-one-out test. */
  readonly diagonal?: Float32Array;
}

/**
 * The grids of a bilevel term, group after group as the loop reaches them: min–max scale and float zero of every row, each
 * rounded to a code on a grid of its block of rows before weights are.
 */
export class BilevelColumns implements ColumnMethod {
  readonly starts: readonly number[];
  /** [rows, columns], 1 where the loop kept a weight. */
  readonly kept: Uint8Array;
  readonly #layout: BilevelLayout;
  readonly #groups: number;
  readonly #search: OutlierSearch | undefined;
  readonly #term: Term<BilevelLayout>;
  /** [rows, groups]: what the codes below decode to. */
  readonly #scale: Float32Array;
  readonly #zero: Float32Array;
  readonly #scaleCodes: Uint8Array;
  readonly #zeroCodes: Uint8Array;

  constructor(layout: BilevelLayout, search: OutlierSearch | undefined) {
    const { rows, columns, groupSize } = layout;
    this.#layout = layout;
    this.#groups = groupCount(columns, groupSize);
    this.#search = search;
    this.#term = allocateTerm(layout);
    this.starts = Array.from({ length: this.#groups }, (_, group) => group * groupSize);
    this.kept = new Uint8Array(rows * columns);
    this.#scale = new Float32Array(rows * this.#groups);
    this.#zero = new Float32Array(rows * this.#groups);
    this.#scaleCodes = new Uint8Array(rows * this.#groups);
    this.#zeroCodes = new Uint8Array(rows * this.#groups);
  }

  grids(weights: RowBlock, first: number, count: number): SpanGrids {
    const group = Math.floor(first / this.#layout.groupSize);
    if (first === this.starts[group]) this.#fitGroup(weights, group);
    const grid = {
      kind: "affine",
      levels: 2 ** this.#layout.bits,
      scale: this.#scale,
      zero: this.#zero,
      groups: this.#groups,
    } as const;
    return {
      grids: [grid],
      groupOf: new Uint32Array(count).fill(group),
      ...(this.#search && { zones: { zones: this.kept, outlierThreshold: this.#search.threshold } }),
    };
  }

  #fitGroup(weights: RowBlock, group: number): void {
    const { rows, columns, bits, groupSize, scaleBits, zeroBits } = this.#layout;
    const first = group * groupSize;
    const end = Math.min(first + groupSize, columns);
    const block = columnsOf(weights, first, end);
    const { diagonal, threshold = 0 } = this.#search ?? {};
    if (diagonal) {
      replaceKept(block, likelyOutliers(block, diagonal.subarray(first, end), bits, threshold), block.columns);
    }
    const scale = new Float32Array(rows);
    const zero = new Float32Array(rows);
    fitMinMax(block, bits, scale, zero);
    const { arrays } = this.#term;
    const scales = { values: scale, bits: scaleBits, codes: this.#scaleCodes, decoded: this.#scale };
    this.#fitBlocks(scales, group, arrays.scaleScale, arrays.scaleMinimum);
    const zeros = { values: zero, bits: zeroBits, codes: this.#zeroCodes, decoded: this.#zero };
    this.#fitBlocks(zeros, group, arrays.zeroScale, arrays.zeroMinimum);
  }

  /** Second level: a min–max grid for one value a row, block after block of rows. */
  #fitBlocks(
    { values, bits, codes, decoded }: { values: Float32Array; bits: number; codes: Uint8Array; decoded: Float32Array },
    group: number,
    scaleArray: Uint8Array,
    minimumArray: Uint8Array,
  ): void {
    const { rows, rowsPerBlock, scaleDtype } = this.#layout;
    const levels = 2 ** bits - 1;
    for (let begin = 0, block = 0; begin < rows; begin += rowsPerBlock, block++) {
      const end = Math.min(begin + rowsPerBlock, rows);
      let lowest = values[begin]!;
      let highest = lowest;
      for (let row = begin + 1; row < end; row++) {
        lowest = Math.min(lowest, values[row]!);
        highest = Math.max(highest, values[row]!);
      }
      const at = block * this.#groups + group;
      const minimum = storeScale(minimumArray, scaleDtype, at, lowest);
      const step = storeScale(scaleArray, scaleDtype, at, (highest - lowest) / levels);
      for (let row = begin; row < end; row++) {
        const code = step > 0 ? clampCode((values[row]! - minimum) / step, levels) : 0;
        codes[row * this.#groups + group] = code;
        decoded[row * this.#groups + group] = fround(step * code) + minimum;
      }
    }
  }

  /**
   * The term; below weights that were kept stands the code that comes nearest to them.
   * @param weights as the loop left them
   */
  writeTerm(codes: Uint8Array, { values }: RowBlock): Term<BilevelLayout> {
    const { rows, columns, bits, groupSize, scaleBits, zeroBits } = this.#layout;
    for (let at = 0; at < codes.length; at++) {
      if (!this.kept[at]) continue;
      const grid = Math.floor(at / columns) * this.#groups + Math.floor((at % columns) / groupSize);
      const scale = this.#scale[grid]!;
      codes[at] = scale === 0 ? 0 : clampCode(values[at]! / scale + this.#zero[grid]!, 2 ** bits - 1);
    }
    const { arrays } = this.#term;
    packRows(codes, rows, bits, arrays.codes);
    packRows(this.#scaleCodes, rows, scaleBits, arrays.scaleCodes);
    packRows(this.#zeroCodes, rows, zeroBits, arrays.zeroCodes);
    return this.#term;
  }
}

/** Scale and float zero of a min–max grid of every row; of equal weights one whose code 0 is their value. */
function fitMinMax({ values, rows, columns }: RowBlock, bits: number, scale: Float32Array, zero: Float32Array): void {
  for (let row = 0; row < rows; row++) {
    let minimum = values[row * columns]!;
    let maximum = minimum;
    for (let at = row * columns + 1; at < (row + 1) * columns; at++) {
      minimum = Math.min(minimum, values[at]!);
      maximum = Math.max(maximum, values[at]!);
    }
    scale[row] = maximum > minimum ? (maximum - minimum) / (2 ** bits - 1) : Math.abs(minimum);
    zero[row] = scale[row] === 0 ? 0 : -minimum / scale[row]!;
  }
}

function clampCode(value: number, largest: number): number {
  return roundHalfEven(Math.min(Math.max(value, 0), largest));
}

function packRows(codes: Uint8Array, rows: number, bits: number, target: Uint8Array): void {
  const width = codes.length / rows;
  const rowBytes = target.length / rows;
  for (let row = 0; row < rows; row++) {
    packCodes(codes.subarray(row * width, (row + 1) * width), bits, target.subarray(row * rowBytes));
  }
}
