import type { EncodableBlockType } from "./block-type.js";
import { packFifthBits, unpackFifthBits } from "./fifth-bits.js";
import { chooseRange } from "./linear-rules.js";
import { linearType } from "./linear-type.js";

const BYTES = 24;

/** d f16, m f16, u32 of fifth bits, 16 bytes of low bits in halves: w = d · code + m. */
export const Q5_1: EncodableBlockType = linearType(
  "Q5_1",
  7,
  {
    kind: "affine",
    bits: 5,
    weights: 32,
    bytes: BYTES,
    largestCode: 31,
    firstLevel: "minimum",
    scaleAt: 0,
    packCodes: (codes, from, blocks, to) => packFifthBits(codes, from, blocks, to + 4),
    unpackCodes: (blocks, codes) => {
      for (let from = 4, to = 0; to < codes.length; from += BYTES, to += 20) {
        unpackFifthBits(blocks, from, codes, to);
      }
    },
  },
  chooseRange,
);
