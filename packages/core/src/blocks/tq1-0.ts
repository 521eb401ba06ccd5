import type { EncodableBlockType } from "./block-type.js";
import { chooseDigits } from "./linear-rules.js";
import { linearType } from "./linear-type.js";

const BYTES = 54;

/**
 * Runs of `bytes` bytes from byte `at` on; byte m of a run holds `digits` digits, `bytes` weights apart, the first worth
 * most.
 */
const RUNS = [
  { at: 0, bytes: 32, digits: 5 },
  { at: 32, bytes: 16, digits: 5 },
  { at: 48, bytes: 4, digits: 4 },
] as const;

/**
 * 52 bytes of base-3 digits, d f16: w = d · (digit − 1). Five digits are a number q below 243 that stands as
 * ceil(q · 256 / 243): multiplying by 3 moves the next digit above the byte.
 */
export const TQ1_0: EncodableBlockType = linearType(
  "TQ1_0",
  34,
  {
    kind: "ternary",
    bits: 2,
    weights: 256,
    bytes: BYTES,
    largestCode: 2,
    firstLevel: -1,
    scaleAt: 52,
    packCodes,
    unpackCodes,
  },
  chooseDigits,
);

function packCodes(codes: Uint8Array, from: number, blocks: Uint8Array, to: number): void {
  let first = from;
  for (const { at, bytes, digits } of RUNS) {
    for (let m = 0; m < bytes; m++) {
      let q = 0;
      for (let n = 0; n < digits; n++) q = 3 * q + codes[first + n * bytes + m]!;
      if (digits < 5) q *= 3;
      blocks[to + at + m] = Math.floor((256 * q + 242) / 243);
    }
    first += bytes * digits;
  }
}

function unpackCodes(blocks: Uint8Array, digits: Uint8Array): void {
  for (let block = 0, to = 0; to < digits.length; block += BYTES) {
    for (const run of RUNS) {
      for (let n = 0, power = 1; n < run.digits; n++, power *= 3) {
        const end = block + run.at + run.bytes;
        for (let m = block + run.at; m < end; m += 4) {
          digits[to++] =
            digit(blocks[m]! * power) |
            (digit(blocks[m + 1]! * power) << 2) |
            (digit(blocks[m + 2]! * power) << 4) |
            (digit(blocks[m + 3]! * power) << 6);
        }
      }
    }
  }
}

/** The top digit of the low byte. */
function digit(shifted: number): number {
  return ((shifted & 255) * 3) >> 8;
}
