import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { groupCount } from "../../terms/granularity.js";
import { roundToScaleDtype, writeScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { columnsOf } from "../error-feedback/columns-of.js";
import type { ColumnMethod, SpanGrids } from "../error-feedback/feedback-loop.js";

/** A binary code for one group of every row: `mean ± scales[0] ± scales[1] …`. */
export interface BinaryCodes {
  /** [planes][rows] */
  readonly scales: readonly Float32Array[];
  /** [rows] */
  readonly mean: Float32Array;
}

/** Fits one group: `block` is [rows, columns of the group], its first column is column `first` of the loop. */
export type FitBinaryCodes = (block: RowBlock, first: number) => BinaryCodes;

/**
 * The levels of a sum of sign terms, fitted group after group as the loop reaches them, and then written with the codes.
 * Columns take the nearest of the levels as they are stored.
 */
export class SignColumns implements ColumnMethod {
  readonly starts: readonly number[];
  readonly #layouts: readonly SignLayout[];
  readonly #fit: FitBinaryCodes;
  readonly #groups: number;
  /** [planes][rows, groups], as stored. */
  readonly #scales: readonly Float32Array[];
  readonly #mean: Float32Array;
  /** Signs of the ascending levels: bit k is 1 where scale k is added; [rows, groups, levels]. */
  readonly #patterns: Uint8Array;
  /** Levels of the group that was fitted last, [rows, levels]. */
  readonly #values: Float32Array;

  /** @param layouts of equal shape and groups, the mean in the first */
  constructor(layouts: readonly SignLayout[], fit: FitBinaryCodes) {
    const [{ rows, columns, groupSize }] = layouts as readonly [SignLayout];
    this.#layouts = layouts;
    this.#fit = fit;
    this.#groups = groupCount(columns, groupSize);
    this.starts = Array.from({ length: this.#groups }, (_, group) => group * groupSize);
    this.#scales = layouts.map(() => new Float32Array(rows * this.#groups));
    this.#mean = new Float32Array(rows * this.#groups);
    this.#patterns = new Uint8Array(rows * this.#groups * this.#levels);
    this.#values = new Float32Array(rows * this.#levels);
  }

  get #levels(): number {
    return 2 ** this.#layouts.length;
  }

  grids(weights: RowBlock, first: number, count: number): SpanGrids {
    const { groupSize } = this.#layouts[0]!;
    const group = Math.floor(first / groupSize);
    if (first === this.starts[group]) {
      const block = columnsOf(weights, first, Math.min(first + groupSize, weights.columns));
      this.#store(this.#fit(block, first), group);
    }
    const grid = { kind: "values", levels: this.#levels, values: this.#values, groups: 1 } as const;
    return { grids: [grid], groupOf: new Uint32Array(count) };
  }

  /** Rounds scales and mean of a group to what is stored and sorts the levels that they make. */
  #store({ scales, mean }: BinaryCodes, group: number): void {
    const { scaleDtype, rows } = this.#layouts[0]!;
    const levels = this.#levels;
    for (let row = 0; row < rows; row++) {
      const at = row * this.#groups + group;
      scales.forEach((scale, k) => {
        this.#scales[k]![at] = roundToScaleDtype(scaleDtype, scale[row]!);
      });
      this.#mean[at] = roundToScaleDtype(scaleDtype, mean[row]!);
      const patterns = this.#patterns.subarray(at * levels, (at + 1) * levels);
      const values = this.#values.subarray(row * levels, (row + 1) * levels);
      for (let pattern = 0; pattern < levels; pattern++) {
        const value = this.#level(at, pattern);
        let place = pattern;
        for (; place > 0 && values[place - 1]! > value; place--) {
          values[place] = values[place - 1]!;
          patterns[place] = patterns[place - 1]!;
        }
        values[place] = value;
        patterns[place] = pattern;
      }
    }
  }

  /** The sum of the terms as it is decoded: in f32, term after term. */
  #level(at: number, pattern: number): number {
    let sum = 0;
    this.#scales.forEach((scales, k) => {
      const value = (pattern >> k) & 1 ? scales[at]! : -scales[at]!;
      sum = Math.fround(sum + (k === 0 ? Math.fround(value + this.#mean[at]!) : value));
    });
    return sum;
  }

  /** @param codes [rows, columns]: number of the level among the ascending ones */
  writeTerms(codes: Uint8Array): Term<SignLayout>[] {
    const { rows, columns, groupSize } = this.#layouts[0]!;
    const levels = this.#levels;
    const terms = this.#layouts.map((layout) => allocateTerm(layout));
    terms.forEach(({ layout, arrays }, k) => {
      writeScales(this.#scales[k]!, layout.scaleDtype, arrays.scale);
      if (arrays.mean) writeScales(this.#mean, layout.scaleDtype, arrays.mean);
    });
    const rowBytes = packedByteLength(columns, 1);
    const signs = terms.map(() => new Uint8Array(columns));
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < columns; c++) {
        const group = row * this.#groups + Math.floor(c / groupSize);
        const pattern = this.#patterns[group * levels + codes[row * columns + c]!]!;
        for (let k = 0; k < signs.length; k++) signs[k]![c] = (pattern >> k) & 1;
      }
      terms.forEach(({ arrays }, k) => {
        packCodes(signs[k]!, 1, arrays.signs.subarray(row * rowBytes, (row + 1) * rowBytes));
      });
    }
    return terms;
  }
}
