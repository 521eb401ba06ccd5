import type { EncodableBlockType } from "./block-type.js";
import { inverse, roundedAway, signedMaximum } from "./float-steps.js";
import type { LinearBlock } from "./linear-format.js";
import { linearType } from "./linear-type.js";

const WEIGHTS = 64;
const BYTES = 18;
const CODE_BYTES = 16;

/** d f16, 64 codes of 2 bits, lowest first: w = d · (code − 1), so −d, 0, d and 2d. */
export const Q2_0: EncodableBlockType = linearType(
  "Q2_0",
  42,
  {
    kind: "affine",
    bits: 2,
    weights: WEIGHTS,
    bytes: BYTES,
    largestCode: 3,
    firstLevel: -1,
    scaleAt: 0,
    packCodes,
    unpackCodes,
  },
  chooseLargest,
);

function packCodes(codes: Uint8Array, from: number, blocks: Uint8Array, to: number): void {
  for (let byte = 0, i = from; byte < CODE_BYTES; byte++, i += 4) {
    blocks[to + 2 + byte] = codes[i]! | (codes[i + 1]! << 2) | (codes[i + 2]! << 4) | (codes[i + 3]! << 6);
  }
}

function unpackCodes(blocks: Uint8Array, codes: Uint8Array): void {
  for (let from = 2, to = 0; to < codes.length; from += BYTES, to += CODE_BYTES) {
    for (let i = 0; i < CODE_BYTES; i++) codes[to + i] = blocks[from + i]!;
  }
}

/**
 * d = largest magnitude, so that code 3 is never chosen. Where 1/d is infinite ggml on x86 narrows infinities to code 0;
 * d is 0 in f16 then.
 */
function chooseLargest(values: Float32Array, from: number, block: LinearBlock): void {
  const { codes } = block;
  const d = Math.abs(signedMaximum(values, from, WEIGHTS));
  const id = inverse(d);
  for (let i = 0; i < WEIGHTS; i++) codes[i] = id < Infinity ? roundedAway(values[from + i]!, id) + 1 : 0;
  block.scale = d;
}
