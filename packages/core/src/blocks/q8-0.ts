import type { EncodableBlockType } from "./block-type.js";
import { inverse, roundedAway, signedMaximum } from "./float-steps.js";
import type { LinearBlock } from "./linear-format.js";
import { linearType } from "./linear-type.js";

const WEIGHTS = 32;
const BYTES = 34;
/** Blocks hold int8, terms the same plus 128: another top bit. */
const MIDPOINT = 0x80;
const FOUR_TOP_BITS = 0x80808080;

/** d f16, 32 int8: w = d · q. */
export const Q8_0: EncodableBlockType = linearType(
  "Q8_0",
  8,
  {
    kind: "affine",
    bits: 8,
    weights: WEIGHTS,
    bytes: BYTES,
    largestCode: 255,
    firstLevel: -MIDPOINT,
    scaleAt: 0,
    packCodes,
    unpackCodes,
  },
  chooseIntegers,
);

function packCodes(codes: Uint8Array, from: number, blocks: Uint8Array, to: number): void {
  for (let i = 0; i < WEIGHTS; i++) blocks[to + 2 + i] = codes[from + i]! ^ MIDPOINT;
}

function unpackCodes(blocks: Uint8Array, codes: Uint8Array): void {
  const source = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  const target = new DataView(codes.buffer, codes.byteOffset, codes.byteLength);
  for (let from = 2, to = 0; to < codes.length; from += BYTES, to += WEIGHTS) {
    for (let i = 0; i < WEIGHTS; i += 4) target.setInt32(to + i, source.getInt32(from + i) ^ FOUR_TOP_BITS);
  }
}

/** d = largest magnitude / 127; ties away from zero (C's roundf). */
function chooseIntegers(values: Float32Array, from: number, block: LinearBlock): void {
  const { codes } = block;
  const d = Math.fround(Math.abs(signedMaximum(values, from, WEIGHTS)) / 127);
  const id = inverse(d);
  for (let i = 0; i < WEIGHTS; i++) codes[i] = roundedAway(values[from + i]!, id) + MIDPOINT;
  block.scale = d;
}
