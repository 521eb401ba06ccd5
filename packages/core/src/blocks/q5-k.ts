import type { EncodableBlockType } from "./block-type.js";
import { f16At, storeF16 } from "./f16-bits.js";
import { readPairedNibbles, writePairedNibbles } from "./q4-k.js";
import { encodeRanged } from "./ranged-encode.js";
import { readSixBitPairs, writeSixBitPairs } from "./six-bit-pairs.js";
import type { SuperBlockFormat } from "./super-block.js";
import { superBlockType } from "./super-block-type.js";

/** As Q4_K, with 32 bytes of fifth bits before the nibbles: bit g of byte l belongs to weight 32g + l. */
export const Q5_K_FORMAT: SuperBlockFormat = {
  bytes: 176,
  bits: 5,
  subBlock: 32,
  subScales: { low: 0, high: 63 },
  hasMinimum: true,
  read(blocks, at, fields) {
    const { codes } = fields;
    fields.scale = f16At(blocks, at);
    fields.minimum = f16At(blocks, at + 2);
    readSixBitPairs(blocks, at + 4, fields.subScales, fields.subMinimums);
    readPairedNibbles(blocks, at + 48, codes);
    for (let i = 0; i < codes.length; i++) codes[i]! |= ((blocks[at + 16 + (i & 31)]! >> (i >> 5)) & 1) << 4;
  },
  write(fields, blocks, at) {
    const { codes } = fields;
    storeF16(blocks, at, fields.scale);
    storeF16(blocks, at + 2, fields.minimum);
    writeSixBitPairs(fields.subScales, fields.subMinimums, blocks, at + 4);
    blocks.fill(0, at + 16, at + 48);
    for (let i = 0; i < codes.length; i++) blocks[at + 16 + (i & 31)]! |= (codes[i]! >> 4) << (i >> 5);
    writePairedNibbles(codes, blocks, at + 48);
  },
};

export const Q5_K: EncodableBlockType = superBlockType("Q5_K", 13, Q5_K_FORMAT, (values, blocks) =>
  encodeRanged(
    Q5_K_FORMAT,
    { largestCode: 31, firstPart: -0.5, parts: 15, error: "squared", weighting: "magnitude-and-mean" },
    values,
    blocks,
  ),
);
