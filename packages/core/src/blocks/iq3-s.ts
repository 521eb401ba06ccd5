import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { type LatticeTerm, SIGNS_OF_FOUR } from "./lattice-codes.js";
import { IQ3_S_GRID } from "./lattice-grids.js";
import { IQ3_S_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const HIGH_AT = 66;
const SIGNS_AT = 74;
const SCALES_AT = 106;

/**
 * d f16; 64 bytes with the low bits of points of four weights; 8 bytes with the high bit of eight points each; 32 bytes of
 * signs; 4 bytes of 4-bit scales, one every 32 weights, low nibble first.
 */
export const IQ3_S: BlockType = latticeType("IQ3_S", 21, {
  bytes: 110,
  group: 32,
  codebook: IQ3_S_CODEBOOK,
  grid: IQ3_S_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(f16At(blocks, block));
  for (let group = 0; group < 8; group++) {
    const scale = blocks[block + SCALES_AT + (group >> 1)]! >> (4 * (group & 1));
    written.scale(d * (1 + 2 * (scale & 15)));
    const high = blocks[block + HIGH_AT + group]!;
    for (let l = 0; l < 4; l++) {
      const signs = SIGNS_OF_FOUR[blocks[block + SIGNS_AT + 4 * group + l]!]!;
      const from = block + 2 + 8 * group + 2 * l;
      const first = blocks[from]! | (((high >> (2 * l)) & 1) << 8);
      const second = blocks[from + 1]! | (((high >> (2 * l + 1)) & 1) << 8);
      written.four(points[first]! | (signs & 0xffff));
      written.four(points[second]! | (signs >>> 16));
    }
  }
}
