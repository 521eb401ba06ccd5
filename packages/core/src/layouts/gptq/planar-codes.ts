import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import { unpackCodes } from "../../bitpack/unpack-codes.js";

/** Widths of the bit planes of a code, lowest first, by code width (format gptq_p of GPTQModel). */
const PLANES: Readonly<Record<number, readonly number[]>> = { 3: [2, 1], 5: [4, 1], 6: [4, 2], 7: [4, 2, 1] };

/** Whether codes of this width lie in planes under a `checkpoint_format`; 5, 6 and 7 bits have no other form. */
export function isPlanar(bits: number, format: unknown): boolean {
  return bits > 4 ? bits < 8 : bits === 3 && format === "gptq_p";
}

/** Codes of a row in planes: 32 codes a block of `bits` words, plane after plane, each packed lowest bit first. */
export function unpackPlanarCodes(row: Uint8Array, bits: number, count: number, target: Uint8Array): void {
  const block = new Uint8Array(32);
  for (let begin = 0; begin < count; begin += 32) {
    const codes = target.subarray(begin, Math.min(count, begin + 32));
    codes.fill(0);
    let at = packedByteLength(begin, bits);
    let shift = 0;
    for (const width of PLANES[bits]!) {
      unpackCodes(row.subarray(at, at + 4 * width), width, 32, block);
      for (let i = 0; i < codes.length; i++) codes[i]! |= block[i]! << shift;
      at += 4 * width;
      shift += width;
    }
  }
}
