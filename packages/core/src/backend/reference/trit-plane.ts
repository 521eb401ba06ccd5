import { packTrits, type TritPacking, tritByteLength } from "../../bitpack/pack-trits.js";
import type { RowBlock } from "../../tensor/row-block.js";

/** Ternary digits of a block, one a byte while they are chosen, packed into the `digits` array of a term at the end. */
export class TritPlane {
  readonly #codes: Uint8Array;
  readonly #digits: Uint8Array;
  readonly #packing: TritPacking;
  readonly #rows: number;
  readonly #columns: number;

  constructor(digits: Uint8Array, packing: TritPacking, { rows, columns }: RowBlock) {
    this.#codes = new Uint8Array(rows * columns);
    this.#digits = digits;
    this.#packing = packing;
    this.#rows = rows;
    this.#columns = columns;
  }

  set(row: number, column: number, digit: number): void {
    this.#codes[row * this.#columns + column] = digit;
  }

  pack(): void {
    const rowBytes = tritByteLength(this.#columns, this.#packing);
    for (let row = 0; row < this.#rows; row++) {
      const codes = this.#codes.subarray(row * this.#columns, (row + 1) * this.#columns);
      packTrits(codes, this.#packing, this.#digits.subarray(row * rowBytes, (row + 1) * rowBytes));
    }
  }
}
