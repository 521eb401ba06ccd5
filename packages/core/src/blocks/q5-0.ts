import type { EncodableBlockType } from "./block-type.js";
import { packFifthBits, unpackFifthBits } from "./fifth-bits.js";
import { chooseFromExtreme } from "./linear-rules.js";
import { linearType } from "./linear-type.js";

const BYTES = 22;

/** d f16, u32 of fifth bits, 16 bytes of low bits in halves: w = d · (code − 16). */
export const Q5_0: EncodableBlockType = linearType(
  "Q5_0",
  6,
  {
    kind: "affine",
    bits: 5,
    weights: 32,
    bytes: BYTES,
    largestCode: 31,
    firstLevel: -16,
    scaleAt: 0,
    packCodes: (codes, from, blocks, to) => packFifthBits(codes, from, blocks, to + 2),
    unpackCodes: (blocks, codes) => {
      for (let from = 2, to = 0; to < codes.length; from += BYTES, to += 20) {
        unpackFifthBits(blocks, from, codes, to);
      }
    },
  },
  chooseFromExtreme,
);
