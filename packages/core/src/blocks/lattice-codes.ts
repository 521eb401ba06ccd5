import type { CodebookLayout } from "../terms/codebook.js";
import { writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";

/** A term with the table `levels`; codes and F32 scales are written one after another. */
export class LatticeTerm {
  readonly term: Term<CodebookLayout>;
  readonly #codes: Uint8Array;
  readonly #scales: DataView;
  #at = 0;
  #scaleAt = 0;

  constructor(layout: CodebookLayout, levels: readonly number[]) {
    this.term = allocateTerm(layout);
    const { codes, scale, table } = this.term.arrays;
    writeScales(levels, "F32", table);
    this.#codes = codes;
    this.#scales = new DataView(scale.buffer, scale.byteOffset, scale.byteLength);
  }

  scale(value: number): void {
    this.#scales.setFloat32(this.#scaleAt, value, true);
    this.#scaleAt += 4;
  }

  /** Eight codes of 3 bits. */
  eight(codes: number): void {
    this.#codes[this.#at] = codes;
    this.#codes[this.#at + 1] = codes >> 8;
    this.#codes[this.#at + 2] = codes >> 16;
    this.#at += 3;
  }

  /** Four codes of 4 bits. */
  four(codes: number): void {
    this.#codes[this.#at] = codes;
    this.#codes[this.#at + 1] = codes >> 8;
    this.#at += 2;
  }
}

const expanded = new Map<string, Uint32Array>();

/** The points of a grid as codes with sign 0: eight of 3 bits from digits of 2 bits, or four of 4 bits as they are. */
export function gridCodes(grid: string, bits: 3 | 4): Uint32Array {
  let points = expanded.get(grid);
  if (points === undefined) {
    const digits = grid.replaceAll("\n", "");
    points = Uint32Array.from({ length: digits.length / 4 }, (_, i) => {
      const point = Number.parseInt(digits.slice(4 * i, 4 * i + 4), 16);
      if (bits === 4) return point;
      let codes = 0;
      for (let j = 0; j < 8; j++) codes |= ((point >> (2 * j)) & 3) << (3 * j);
      return codes;
    });
    expanded.set(grid, points);
  }
  return points;
}

/** Sign bit j of a byte at the highest bit of the j-th code of 3 bits. */
export const SIGNS_OF_EIGHT: Uint32Array = spreadSigns(3);
/** The same for codes of 4 bits; the second four codes start at bit 16. */
export const SIGNS_OF_FOUR: Uint32Array = spreadSigns(4);

function spreadSigns(bits: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, signs) => {
    let codes = 0;
    for (let j = 0; j < 8; j++) codes |= ((signs >> j) & 1) << (bits * j + bits - 1);
    return codes;
  });
}

/** Seven stored signs and the eighth that makes their number even. */
export const EVEN_SIGNS: Uint8Array = Uint8Array.from({ length: 128 }, (_, signs) => {
  let ones = 0;
  for (let j = 0; j < 7; j++) ones ^= (signs >> j) & 1;
  return signs | (ones << 7);
});
