import type { EncodableBlockType } from "./block-type.js";
import { f16At, f16Bits, storeF16 } from "./f16-bits.js";
import { IQ4_LEVELS, nearestLevel, searchLevels } from "./iq4-table.js";
import { clampedInteger } from "./nearest-integer.js";
import { packHalves } from "./nibble-halves.js";
import { emptySuperBlock, SUPER_BLOCK, type SuperBlock, type SuperBlockFormat } from "./super-block.js";
import { superBlockType } from "./super-block-type.js";

const { fround, abs } = Math;

/**
 * d, u16 with two high bits of every sub-scale + 32, 4 bytes with the low nibbles (low nibble first), 128 bytes of codes: 16
 * a sub-block, in halves.
 */
export const IQ4_XS_FORMAT: SuperBlockFormat = {
  bytes: 136,
  bits: 4,
  subBlock: 32,
  subScales: { low: -32, high: 31 },
  levels: IQ4_LEVELS,
  hasMinimum: false,
  read(blocks, at, fields) {
    const high = f16At(blocks, at + 2);
    for (let k = 0; k < 8; k++) {
      const low = (blocks[at + 4 + (k >> 1)]! >> (4 * (k & 1))) & 15;
      fields.subScales[k] = (low | (((high >> (2 * k)) & 3) << 4)) - 32;
    }
    for (let i = 0; i < SUPER_BLOCK; i++) {
      const byte = blocks[at + 8 + 16 * (i >> 5) + (i & 15)]!;
      fields.codes[i] = i & 16 ? byte >> 4 : byte & 15;
    }
    fields.scale = f16At(blocks, at);
  },
  write(fields, blocks, at) {
    storeF16(blocks, at, fields.scale);
    blocks.fill(0, at + 2, at + 8);
    for (let k = 0; k < 8; k++) {
      const stored = fields.subScales[k]! + 32;
      blocks[at + 2 + (k >> 2)]! |= (stored >> 4) << (2 * (k & 3));
      blocks[at + 4 + (k >> 1)]! |= (stored & 15) << (4 * (k & 1));
      packHalves(fields.codes, 32 * k, 16, blocks, at + 8 + 16 * k);
    }
  },
};

export const IQ4_XS: EncodableBlockType = superBlockType("IQ4_XS", 23, IQ4_XS_FORMAT, encode);

/** ggml: the search of IQ4_NL a sub-block; the scale of largest magnitude becomes sub-scale −32; codes with d before f16. */
function encode(values: Float32Array, blocks: Uint8Array): void {
  const fields = emptySuperBlock(IQ4_XS_FORMAT);
  for (let from = 0, at = 0; from < values.length; from += SUPER_BLOCK, at += IQ4_XS_FORMAT.bytes) {
    encodeSuperBlock(values.subarray(from, from + SUPER_BLOCK), fields);
    IQ4_XS_FORMAT.write(fields, blocks, at);
  }
}

function encodeSuperBlock(values: Float32Array, fields: SuperBlock): void {
  const { codes, subScales } = fields;
  const scales = Float32Array.from(subScales, (_, sub) => searchLevels(values.subarray(32 * sub, 32 * sub + 32)));
  let top = 0;
  for (const scale of scales) if (abs(scale) > abs(top)) top = scale;
  const d = fround(-top / 32);
  fields.scale = f16Bits(d);
  const inverse = d !== 0 ? fround(1 / d) : 0;
  scales.forEach((value, sub) => {
    subScales[sub] = clampedInteger(fround(inverse * value), -32, 31);
    const scale = fround(d * subScales[sub]!);
    const part = scale !== 0 ? fround(1 / scale) : 0;
    for (let i = 32 * sub; i < 32 * sub + 32; i++) codes[i] = nearestLevel(fround(part * values[i]!));
  });
}
