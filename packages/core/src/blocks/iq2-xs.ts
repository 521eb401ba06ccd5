import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { EVEN_SIGNS, type LatticeTerm, SIGNS_OF_EIGHT } from "./lattice-codes.js";
import { IQ2_XS_GRID } from "./lattice-grids.js";
import { IQ2_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const { fround } = Math;
const SCALES_AT = 66;

/** d f16; 32 u16 of a 9-bit point and 7 signs each; 8 bytes of 4-bit scales, one every 16 weights, low nibble first. */
export const IQ2_XS: BlockType = latticeType("IQ2_XS", 17, {
  bytes: 74,
  group: 16,
  codebook: IQ2_CODEBOOK,
  grid: IQ2_XS_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(f16At(blocks, block));
  for (let eight = 0; eight < 32; eight++) {
    if (eight % 2 === 0) {
      const scale = blocks[block + SCALES_AT + (eight >> 2)]! >> (2 * (eight & 2));
      written.scale(fround(d * (0.5 + (scale & 15))) * 0.25);
    }
    const point = f16At(blocks, block + 2 + 2 * eight);
    written.eight(points[point & 511]! | SIGNS_OF_EIGHT[EVEN_SIGNS[point >> 9]!]!);
  }
}
