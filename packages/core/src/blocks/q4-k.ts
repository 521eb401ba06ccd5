import type { EncodableBlockType } from "./block-type.js";
import { f16At, storeF16 } from "./f16-bits.js";
import { encodeRanged } from "./ranged-encode.js";
import { readSixBitPairs, writeSixBitPairs } from "./six-bit-pairs.js";
import type { SuperBlockFormat } from "./super-block.js";
import { superBlockType } from "./super-block-type.js";

/** d, dmin, 12 bytes of sub-scales and sub-minimums, 128 bytes: byte 32p + l holds weights 64p + l and 64p + 32 + l. */
export const Q4_K_FORMAT: SuperBlockFormat = {
  bytes: 144,
  bits: 4,
  subBlock: 32,
  subScales: { low: 0, high: 63 },
  hasMinimum: true,
  read(blocks, at, fields) {
    fields.scale = f16At(blocks, at);
    fields.minimum = f16At(blocks, at + 2);
    readSixBitPairs(blocks, at + 4, fields.subScales, fields.subMinimums);
    readPairedNibbles(blocks, at + 16, fields.codes);
  },
  write(fields, blocks, at) {
    storeF16(blocks, at, fields.scale);
    storeF16(blocks, at + 2, fields.minimum);
    writeSixBitPairs(fields.subScales, fields.subMinimums, blocks, at + 4);
    writePairedNibbles(fields.codes, blocks, at + 16);
  },
};

export const Q4_K: EncodableBlockType = superBlockType("Q4_K", 12, Q4_K_FORMAT, (values, blocks) =>
  encodeRanged(
    Q4_K_FORMAT,
    { largestCode: 15, firstPart: -1, parts: 20, error: "squared", weighting: "magnitude-and-mean" },
    values,
    blocks,
  ),
);

export function readPairedNibbles(source: Uint8Array, from: number, codes: Uint8Array): void {
  for (let i = 0; i < codes.length; i++) {
    const byte = source[from + 32 * (i >> 6) + (i & 31)]!;
    codes[i] = i & 32 ? byte >> 4 : byte & 15;
  }
}

/** The low nibbles of the codes. */
export function writePairedNibbles(codes: Uint8Array, target: Uint8Array, to: number): void {
  for (let byte = 0; byte < 128; byte++) {
    const i = 64 * (byte >> 5) + (byte & 31);
    target[to + byte] = (codes[i]! & 15) | ((codes[i + 32]! & 15) << 4);
  }
}
