import type { EncodableBlockType } from "./block-type.js";
import type { LinearBlock } from "./linear-format.js";
import { linearType } from "./linear-type.js";

const WEIGHTS = 128;
const BYTES = 18;
const SIGN_BYTES = 16;

/** d f16, 128 sign bits, lowest first: w = +d for 1, −d for 0. */
export const Q1_0: EncodableBlockType = linearType(
  "Q1_0",
  41,
  {
    kind: "sign",
    bits: 1,
    weights: WEIGHTS,
    bytes: BYTES,
    largestCode: 1,
    firstLevel: -1,
    step: 2,
    scaleAt: 0,
    packCodes,
    unpackCodes,
  },
  chooseMean,
);

function packCodes(codes: Uint8Array, from: number, blocks: Uint8Array, to: number): void {
  for (let byte = 0; byte < SIGN_BYTES; byte++) {
    let bits = 0;
    for (let j = 0; j < 8; j++) bits |= codes[from + 8 * byte + j]! << j;
    blocks[to + 2 + byte] = bits;
  }
}

function unpackCodes(blocks: Uint8Array, signs: Uint8Array): void {
  for (let from = 2, to = 0; to < signs.length; from += BYTES, to += SIGN_BYTES) {
    for (let i = 0; i < SIGN_BYTES; i++) signs[to + i] = blocks[from + i]!;
  }
}

/** d = mean magnitude, summed one after another in f32; the sign of ±0 is +. */
function chooseMean(values: Float32Array, from: number, block: LinearBlock): void {
  const { codes } = block;
  let sum = 0;
  for (let i = 0; i < WEIGHTS; i++) {
    const value = values[from + i]!;
    sum = Math.fround(sum + Math.abs(value));
    codes[i] = value >= 0 ? 1 : 0;
  }
  block.scale = Math.fround(sum / WEIGHTS);
}
