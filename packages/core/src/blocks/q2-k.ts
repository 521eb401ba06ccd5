import type { EncodableBlockType } from "./block-type.js";
import { f16At, storeF16 } from "./f16-bits.js";
import { encodeRanged } from "./ranged-encode.js";
import type { SuperBlockFormat } from "./super-block.js";
import { superBlockType } from "./super-block-type.js";
import { readTwoBitPlanes, writeTwoBitPlanes } from "./two-bit-planes.js";

/** 16 bytes (sub-scale low, sub-minimum high nibble), 64 bytes of codes, d, dmin. */
export const Q2_K_FORMAT: SuperBlockFormat = {
  bytes: 84,
  bits: 2,
  subBlock: 16,
  subScales: { low: 0, high: 15 },
  hasMinimum: true,
  read(blocks, at, fields) {
    for (let k = 0; k < 16; k++) {
      fields.subScales[k] = blocks[at + k]! & 15;
      fields.subMinimums[k] = blocks[at + k]! >> 4;
    }
    fields.codes.fill(0);
    readTwoBitPlanes(blocks, at + 16, 0, fields.codes);
    fields.scale = f16At(blocks, at + 80);
    fields.minimum = f16At(blocks, at + 82);
  },
  write(fields, blocks, at) {
    for (let k = 0; k < 16; k++) blocks[at + k] = fields.subScales[k]! | (fields.subMinimums[k]! << 4);
    writeTwoBitPlanes(fields.codes, 0, blocks, at + 16);
    storeF16(blocks, at + 80, fields.scale);
    storeF16(blocks, at + 82, fields.minimum);
  },
};

export const Q2_K: EncodableBlockType = superBlockType("Q2_K", 10, Q2_K_FORMAT, (values, blocks) =>
  encodeRanged(
    Q2_K_FORMAT,
    { largestCode: 3, firstPart: -0.5, parts: 15, error: "absolute", weighting: "magnitude" },
    values,
    blocks,
  ),
);
