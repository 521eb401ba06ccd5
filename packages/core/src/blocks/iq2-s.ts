import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { type LatticeTerm, SIGNS_OF_EIGHT } from "./lattice-codes.js";
import { IQ2_S_GRID } from "./lattice-grids.js";
import { IQ2_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const { fround } = Math;
const SIGNS_AT = 34;
const HIGH_AT = 66;
const SCALES_AT = 74;

/**
 * d f16; 32 bytes with the low bits of points; 32 bytes of signs; 8 bytes with two high bits of four points each; 8 bytes of
 * 4-bit scales, one every 16 weights, low nibble first.
 */
export const IQ2_S: BlockType = latticeType("IQ2_S", 22, {
  bytes: 82,
  group: 16,
  codebook: IQ2_CODEBOOK,
  grid: IQ2_S_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(f16At(blocks, block));
  for (let eight = 0; eight < 32; eight++) {
    if (eight % 2 === 0) {
      const scale = blocks[block + SCALES_AT + (eight >> 2)]! >> (2 * (eight & 2));
      written.scale(fround(d * (0.5 + (scale & 15))) * 0.25);
    }
    const high = (blocks[block + HIGH_AT + (eight >> 2)]! >> (2 * (eight & 3))) & 3;
    const point = blocks[block + 2 + eight]! | (high << 8);
    written.eight(points[point]! | SIGNS_OF_EIGHT[blocks[block + SIGNS_AT + eight]!]!);
  }
}
