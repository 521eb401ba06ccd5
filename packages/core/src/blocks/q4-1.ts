import type { EncodableBlockType } from "./block-type.js";
import { chooseRange } from "./linear-rules.js";
import { linearType } from "./linear-type.js";
import { halvesToNeighbours, packHalves } from "./nibble-halves.js";

const BYTES = 20;

/** d f16, m f16, 16 bytes of codes in halves: w = d · code + m. */
export const Q4_1: EncodableBlockType = linearType(
  "Q4_1",
  3,
  {
    kind: "affine",
    bits: 4,
    weights: 32,
    bytes: BYTES,
    largestCode: 15,
    firstLevel: "minimum",
    scaleAt: 0,
    packCodes: (codes, from, blocks, to) => packHalves(codes, from, 16, blocks, to + 4),
    unpackCodes: (blocks, codes) => {
      for (let from = 4, to = 0; to < codes.length; from += BYTES, to += 16) {
        halvesToNeighbours(blocks, from, 16, codes, to);
      }
    },
  },
  chooseRange,
);
