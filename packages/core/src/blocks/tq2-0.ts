import type { EncodableBlockType } from "./block-type.js";
import { chooseDigits } from "./linear-rules.js";
import { linearType } from "./linear-type.js";

const BYTES = 66;
const DIGIT_BYTES = 64;
/** A run of 32 bytes holds 128 digits: byte m has digits m, 32 + m, 64 + m, 96 + m from its lowest bits up. */
const RUN = 32;

/** 64 bytes of 2-bit digits in two runs, d f16: w = d · (digit − 1). Digit 3, which nothing writes, is read as 2d. */
export const TQ2_0: EncodableBlockType = linearType(
  "TQ2_0",
  35,
  {
    kind: "ternary",
    bits: 2,
    weights: 256,
    bytes: BYTES,
    largestCode: 3,
    firstLevel: -1,
    scaleAt: DIGIT_BYTES,
    packCodes,
    unpackCodes,
  },
  chooseDigits,
);

function packCodes(codes: Uint8Array, from: number, blocks: Uint8Array, to: number): void {
  for (let run = 0, i = from; run < DIGIT_BYTES; run += RUN, i += 4 * RUN) {
    for (let m = 0; m < RUN; m++) {
      blocks[to + run + m] =
        codes[i + m]! | (codes[i + RUN + m]! << 2) | (codes[i + 2 * RUN + m]! << 4) | (codes[i + 3 * RUN + m]! << 6);
    }
  }
}

function unpackCodes(blocks: Uint8Array, digits: Uint8Array): void {
  for (let block = 0, to = 0; to < digits.length; block += BYTES) {
    for (let run = block; run < block + DIGIT_BYTES; run += RUN) {
      for (let shift = 0; shift < 8; shift += 2) {
        for (let m = run; m < run + RUN; m += 4) {
          digits[to++] =
            ((blocks[m]! >> shift) & 3) |
            (((blocks[m + 1]! >> shift) & 3) << 2) |
            (((blocks[m + 2]! >> shift) & 3) << 4) |
            (((blocks[m + 3]! >> shift) & 3) << 6);
        }
      }
    }
  }
}
