import type { EncodableBlockType } from "./block-type.js";
import { f16At, f16Bits, f16Value, storeF16 } from "./f16-bits.js";
import { clampedInteger, nearestInteger } from "./nearest-integer.js";
import { searchGreedy } from "./signed-search.js";
import { emptySuperBlock, SUPER_BLOCK, type SuperBlock, type SuperBlockFormat } from "./super-block.js";
import { superBlockType } from "./super-block-type.js";
import { readTwoBitPlanes, writeTwoBitPlanes } from "./two-bit-planes.js";

const { fround, abs, max, min } = Math;

/**
 * 32 bytes of third bits (bit g of byte l: weight 32g + l), 64 of low bits, 12 of sub-scales, d. Sub-scale k + 32: low nibble
 * in half k / 8 of byte k % 8, two high bits at 2 · (k / 4) of byte 8 + k % 4.
 */
export const Q3_K_FORMAT: SuperBlockFormat = {
  bytes: 110,
  bits: 3,
  subBlock: 16,
  subScales: { low: -32, high: 31 },
  hasMinimum: false,
  read(blocks, at, fields) {
    const { codes, subScales } = fields;
    for (let i = 0; i < codes.length; i++) codes[i] = ((blocks[at + (i & 31)]! >> (i >> 5)) & 1) << 2;
    readTwoBitPlanes(blocks, at + 32, 0, codes);
    for (let k = 0; k < 16; k++) {
      const low = (blocks[at + 96 + (k & 7)]! >> (k < 8 ? 0 : 4)) & 15;
      const high = (blocks[at + 104 + (k & 3)]! >> (2 * (k >> 2))) & 3;
      subScales[k] = (low | (high << 4)) - 32;
    }
    fields.scale = f16At(blocks, at + 108);
  },
  write(fields, blocks, at) {
    const { codes, subScales } = fields;
    blocks.fill(0, at, at + 32);
    for (let i = 0; i < codes.length; i++) blocks[at + (i & 31)]! |= (codes[i]! >> 2) << (i >> 5);
    writeTwoBitPlanes(codes, 0, blocks, at + 32);
    blocks.fill(0, at + 96, at + 108);
    for (let k = 0; k < 16; k++) {
      const stored = subScales[k]! + 32;
      blocks[at + 96 + (k & 7)]! |= (stored & 15) << (k < 8 ? 0 : 4);
      blocks[at + 104 + (k & 3)]! |= (stored >> 4) << (2 * (k >> 2));
    }
    storeF16(blocks, at + 108, fields.scale);
  },
};

export const Q3_K: EncodableBlockType = superBlockType("Q3_K", 11, Q3_K_FORMAT, encode);

/** ggml: a greedy search a sub-block; the scale of largest magnitude becomes sub-scale −32; codes once more with these. */
function encode(values: Float32Array, blocks: Uint8Array): void {
  const fields = emptySuperBlock(Q3_K_FORMAT);
  for (let from = 0, at = 0; from < values.length; from += SUPER_BLOCK, at += Q3_K_FORMAT.bytes) {
    encodeSuperBlock(values.subarray(from, from + SUPER_BLOCK), fields);
    Q3_K_FORMAT.write(fields, blocks, at);
  }
}

function encodeSuperBlock(values: Float32Array, fields: SuperBlock): void {
  const { codes, subScales } = fields;
  const scales = Float32Array.from(subScales, (_, sub) =>
    searchGreedy(4, values.subarray(16 * sub, 16 * sub + 16), codes.subarray(16 * sub, 16 * sub + 16)),
  );
  let top = 0;
  for (const scale of scales) if (abs(scale) > abs(top)) top = scale;
  const inverse = top !== 0 ? fround(-32 / top) : 0;
  fields.scale = f16Bits(top !== 0 ? fround(1 / inverse) : 0);
  scales.forEach((value, sub) => {
    // Through an int8 before the clamp, as ggml stores it. Without any scale ggml's stored sub-scales are 0, which means −32.
    subScales[sub] = nearestInteger(fround(inverse * value));
    subScales[sub] = top !== 0 ? max(-32, min(31, subScales[sub]!)) : -32;
    const scale = fround(f16Value(fields.scale) * subScales[sub]!);
    if (scale === 0) return;
    for (let i = 16 * sub; i < 16 * sub + 16; i++) codes[i] = clampedInteger(fround(values[i]! / scale), -4, 3) + 4;
  });
}
