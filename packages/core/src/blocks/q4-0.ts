import type { EncodableBlockType } from "./block-type.js";
import { chooseFromExtreme } from "./linear-rules.js";
import { linearType } from "./linear-type.js";
import { halvesToNeighbours, packHalves } from "./nibble-halves.js";

const BYTES = 18;

/** d f16, 16 bytes of codes in halves: w = d · (code − 8). */
export const Q4_0: EncodableBlockType = linearType(
  "Q4_0",
  2,
  {
    kind: "affine",
    bits: 4,
    weights: 32,
    bytes: BYTES,
    largestCode: 15,
    firstLevel: -8,
    scaleAt: 0,
    packCodes: (codes, from, blocks, to) => packHalves(codes, from, 16, blocks, to + 2),
    unpackCodes: (blocks, codes) => {
      for (let from = 2, to = 0; to < codes.length; from += BYTES, to += 16) {
        halvesToNeighbours(blocks, from, 16, codes, to);
      }
    },
  },
  chooseFromExtreme,
);
