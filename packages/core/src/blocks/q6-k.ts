import type { EncodableBlockType } from "./block-type.js";
import { f16At, f16Bits, f16Value, storeF16 } from "./f16-bits.js";
import { clampedInteger, nearestInteger } from "./nearest-integer.js";
import { LEAST_MAGNITUDE, searchSigned } from "./signed-search.js";
import { emptySuperBlock, SUPER_BLOCK, type SuperBlock, type SuperBlockFormat } from "./super-block.js";
import { superBlockType } from "./super-block-type.js";
import { readTwoBitPlanes, writeTwoBitPlanes } from "./two-bit-planes.js";

const { fround, abs, min } = Math;

/**
 * 128 bytes of low nibbles, 64 of high bits, 16 sub-scales (int8), d. Byte 64h + l of the nibbles (l < 64) holds those of
 * weights 128h + l and 128h + 64 + l.
 */
export const Q6_K_FORMAT: SuperBlockFormat = {
  bytes: 210,
  bits: 6,
  subBlock: 16,
  subScales: { low: -128, high: 127 },
  hasMinimum: false,
  read(blocks, at, fields) {
    const { codes } = fields;
    for (let i = 0; i < codes.length; i++) {
      codes[i] = (blocks[at + 64 * (i >> 7) + (i & 63)]! >> (i & 64 ? 4 : 0)) & 15;
    }
    readTwoBitPlanes(blocks, at + 128, 4, codes);
    for (let k = 0; k < 16; k++) fields.subScales[k] = blocks[at + 192 + k]!;
    fields.scale = f16At(blocks, at + 208);
  },
  write(fields, blocks, at) {
    const { codes } = fields;
    for (let byte = 0; byte < 128; byte++) {
      const i = 128 * (byte >> 6) + (byte & 63);
      blocks[at + byte] = (codes[i]! & 15) | ((codes[i + 64]! & 15) << 4);
    }
    writeTwoBitPlanes(codes, 4, blocks, at + 128);
    for (let k = 0; k < 16; k++) blocks[at + 192 + k] = fields.subScales[k]!;
    storeF16(blocks, at + 208, fields.scale);
  },
};

export const Q6_K: EncodableBlockType = superBlockType("Q6_K", 14, Q6_K_FORMAT, encode);

/** ggml: a search a sub-block; the scale of largest magnitude becomes sub-scale −128; codes once more with these. */
function encode(values: Float32Array, blocks: Uint8Array): void {
  const fields = emptySuperBlock(Q6_K_FORMAT);
  for (let from = 0, at = 0; from < values.length; from += SUPER_BLOCK, at += Q6_K_FORMAT.bytes) {
    encodeSuperBlock(values.subarray(from, from + SUPER_BLOCK), fields);
    Q6_K_FORMAT.write(fields, blocks, at);
  }
}

function encodeSuperBlock(values: Float32Array, fields: SuperBlock): void {
  const { codes, subScales } = fields;
  const scales = Float32Array.from(subScales, (_, sub) =>
    searchSigned(32, values.subarray(16 * sub, 16 * sub + 16), codes.subarray(16 * sub, 16 * sub + 16)),
  );
  let top = 0;
  for (const scale of scales) if (abs(scale) > abs(top)) top = scale;
  if (abs(top) < LEAST_MAGNITUDE) {
    fields.scale = 0;
    subScales.fill(0);
    codes.fill(0);
    return;
  }
  const inverse = fround(-128 / top);
  fields.scale = f16Bits(fround(1 / inverse));
  scales.forEach((value, sub) => {
    subScales[sub] = min(127, nearestInteger(fround(inverse * value)));
    const scale = fround(f16Value(fields.scale) * subScales[sub]!);
    if (scale === 0) return;
    for (let i = 16 * sub; i < 16 * sub + 16; i++) codes[i] = clampedInteger(fround(values[i]! / scale), -32, 31) + 32;
  });
}
