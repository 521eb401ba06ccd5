import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { AffineFitOptions } from "../../backend/ops/fit-ops.js";
import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales, writeScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";
import { replaceKept } from "../fits/kept-weights.js";
import { columnsOf } from "./columns-of.js";
import type { ColumnMethod, SpanGrids } from "./feedback-loop.js";

/**
 * The grids of an affine term: fitted group after group as the loop reaches them, or all at once before it (`fitAll`), and
 * then written with the codes (`writeTerm`).
 */
export class AffineColumns implements ColumnMethod {
  readonly starts: readonly number[];
  readonly #layout: AffineLayout;
  /** [groups, rows], as the fits come; the zero point that means the same as `#minimum`, where there is one. */
  readonly #scale: Float32Array;
  readonly #zero: Float32Array;
  readonly #minimum: Float32Array;
  readonly #groups: number;
  readonly #fit: AffineFitOptions;
  readonly #backend: KernelBackend;
  readonly #kept: Uint8Array | undefined;

  /**
   * @param kept [rows, columns] in the order of the loop, 1 where a weight is kept exactly: groups are fitted without it
   */
  constructor(layout: AffineLayout, fit: AffineFitOptions, backend: KernelBackend, kept?: Uint8Array) {
    this.#layout = layout;
    this.#fit = fit;
    this.#backend = backend;
    this.#kept = kept;
    this.#groups = groupCount(layout.columns, layout.groupSize);
    this.starts = Array.from({ length: this.#groups }, (_, group) => group * layout.groupSize);
    this.#scale = new Float32Array(layout.rows * this.#groups);
    this.#zero = new Float32Array(layout.rows * this.#groups);
    this.#minimum = new Float32Array(layout.zero === "minimum" ? layout.rows * this.#groups : 0);
  }

  grids(weights: RowBlock, first: number, count: number): SpanGrids {
    const group = Math.floor(first / this.#layout.groupSize);
    if (first === this.starts[group]) this.#fitGroup(weights, group);
    const [begin, end] = [group * weights.rows, (group + 1) * weights.rows];
    const [scale, zero] = [this.#scale.subarray(begin, end), this.#zero.subarray(begin, end)];
    return this.#spanGrids(scale, zero, 1, new Uint32Array(count));
  }

  /**
   * The groups of the released GPTQ code: where the loop comes to a block, all groups that begin in it are fitted to the
   * weights as they are then, without the corrections that the block itself will make.
   */
  staleGroups(): ColumnMethod {
    const { groupSize } = this.#layout;
    return {
      // Blocks must not end where groups begin.
      starts: [],
      grids: (weights, first, count) => {
        const [begin, end] = [Math.floor(first / groupSize), Math.ceil((first + count) / groupSize)];
        for (let group = begin; group < end; group++) {
          if (this.starts[group]! >= first) this.#fitGroup(weights, group);
        }
        const [scale, zero] = [this.#rowMajor(this.#scale, begin, end), this.#rowMajor(this.#zero, begin, end)];
        const groupOf = Uint32Array.from({ length: count }, (_, i) => Math.floor((first + i) / groupSize) - begin);
        return this.#spanGrids(scale, zero, end - begin, groupOf);
      },
    };
  }

  #spanGrids(scale: Float32Array, zero: Float32Array, groups: number, groupOf: Uint32Array): SpanGrids {
    const grids = [{ kind: "affine", levels: 2 ** this.#layout.bits, scale, zero, groups } as const];
    // The number of grids marks what is kept, and there is one.
    return { grids, groupOf, ...(this.#kept && { zones: { zones: this.#kept } }) };
  }

  /** The groups as they are fitted now, for a loop over the columns in another order. */
  fitted(order?: Uint32Array): ColumnMethod {
    const [scale, zero] = [this.#rowMajor(this.#scale), this.#rowMajor(this.#zero)];
    const groupOf = (position: number): number => Math.floor((order?.[position] ?? position) / this.#layout.groupSize);
    return {
      starts: [],
      grids: (_, first, count) =>
        this.#spanGrids(
          scale,
          zero,
          this.#groups,
          Uint32Array.from({ length: count }, (_, i) => groupOf(first + i)),
        ),
    };
  }

  /** Groups `begin` … `end − 1` of [groups, rows], to [rows, groups]. */
  #rowMajor(values: Float32Array, begin = 0, end: number = this.#groups): Float32Array {
    const { rows } = this.#layout;
    const groups = end - begin;
    const turned = new Float32Array(rows * groups);
    for (let group = 0, from = begin * rows; group < groups; group++) {
      for (let row = 0; row < rows; row++) turned[row * groups + group] = values[from++]!;
    }
    return turned;
  }

  /** Static groups: all of them from the weights as they are now. */
  fitAll(weights: RowBlock): void {
    for (let group = 0; group < this.#groups; group++) this.#fitGroup(weights, group);
  }

  #fitGroup(weights: RowBlock, group: number): void {
    const { groupSize } = this.#layout;
    const first = group * groupSize;
    const end = Math.min(first + groupSize, weights.columns);
    const block = columnsOf(weights, first, end);
    if (this.#kept) replaceKept(block, columnsOf({ ...weights, values: this.#kept }, first, end).values, block.columns);
    const term = allocateTerm<AffineLayout>({
      ...this.#layout,
      rows: block.rows,
      columns: block.columns,
      granularity: "row",
      groupSize: block.columns,
    });
    this.#backend.affineFit(block, term, this.#fit);
    this.#read(term, group);
  }

  /** The grids of one group of every row. */
  #read({ layout, arrays }: Term<AffineLayout>, group: number): void {
    const scales = readScales(arrays.scale, layout.scaleDtype);
    const zeros = storedZeros(layout, arrays);
    for (let row = 0; row < layout.rows; row++) {
      const at = group * layout.rows + row;
      this.#scale[at] = scales[row]!;
      if (layout.zero !== "minimum") {
        this.#zero[at] = zeros[row]!;
        continue;
      }
      const minimum = zeros[row]!;
      // A group of one value has scale 0, which in the loop would mean the value 0: any other scale says the same.
      if (scales[row] === 0) this.#scale[at] = Math.abs(minimum);
      this.#minimum[at] = minimum;
      this.#zero[at] = minimum === 0 ? 0 : -minimum / this.#scale[at]!;
    }
  }

  /** @param codes [rows, columns], in the columns of the term */
  writeTerm(codes: Uint8Array): Term<AffineLayout> {
    const term = allocateTerm(this.#layout);
    const { layout, arrays } = term;
    packRows(codes, layout.rows, layout.columns, layout.bits, arrays.codes);
    writeScales(this.#rowMajor(this.#scale), layout.scaleDtype, arrays.scale);
    if (layout.zero === "minimum") writeScales(this.#rowMajor(this.#minimum), layout.scaleDtype, arrays.minimum!);
    const zero = this.#rowMajor(this.#zero);
    if (layout.zero === "float") writeScales(zero, layout.scaleDtype, arrays.zeroPoint!);
    if (layout.zero === "integer") {
      packRows(Uint8Array.from(zero), layout.rows, this.#groups, layout.bits, arrays.zeroPoint!);
    }
    return term;
  }

  /** The code of the value that comes closest to 0, below a weight that another term holds. */
  codeOfZero(row: number, column: number): number {
    const zero = this.#zero[Math.floor(column / this.#layout.groupSize) * this.#layout.rows + row]!;
    return Math.min(Math.max(roundHalfEven(zero), 0), 2 ** this.#layout.bits - 1);
  }
}

/** Zero point or minimum of the one group of every row. */
function storedZeros(layout: AffineLayout, arrays: Term<AffineLayout>["arrays"]): ArrayLike<number> {
  switch (layout.zero) {
    case "midpoint":
      return new Uint8Array(layout.rows).fill(2 ** (layout.bits - 1));
    case "integer":
      // One packed zero point a row takes one byte.
      return arrays.zeroPoint!;
    case "float":
      return readScales(arrays.zeroPoint!, layout.scaleDtype);
    case "minimum":
      return readScales(arrays.minimum!, layout.scaleDtype);
  }
}

function packRows(codes: Uint8Array, rows: number, columns: number, bits: number, target: Uint8Array): void {
  const rowBytes = packedByteLength(columns, bits);
  for (let row = 0; row < rows; row++) {
    const line = codes.subarray(row * columns, (row + 1) * columns);
    packCodes(line, bits, target.subarray(row * rowBytes, (row + 1) * rowBytes));
  }
}
