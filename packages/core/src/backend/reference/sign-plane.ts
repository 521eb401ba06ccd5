import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { RowBlock } from "../../tensor/row-block.js";

/** Signs of a block, one a byte while they are chosen, packed into the `signs` array of a term at the end. */
export class SignPlane {
  readonly #codes: Uint8Array;
  readonly #signs: Uint8Array;
  readonly #rows: number;
  readonly #columns: number;

  constructor(signs: Uint8Array, { rows, columns }: RowBlock) {
    this.#codes = new Uint8Array(rows * columns);
    this.#signs = signs;
    this.#rows = rows;
    this.#columns = columns;
  }

  set(row: number, column: number, isPositive: boolean): void {
    this.#codes[row * this.#columns + column] = isPositive ? 1 : 0;
  }

  pack(): void {
    const rowBytes = packedByteLength(this.#columns, 1);
    for (let row = 0; row < this.#rows; row++) {
      const codes = this.#codes.subarray(row * this.#columns, (row + 1) * this.#columns);
      packCodes(codes, 1, this.#signs.subarray(row * rowBytes, (row + 1) * rowBytes));
    }
  }
}
