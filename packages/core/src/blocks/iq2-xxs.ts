import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { EVEN_SIGNS, type LatticeTerm, SIGNS_OF_EIGHT } from "./lattice-codes.js";
import { IQ2_XXS_GRID } from "./lattice-grids.js";
import { IQ2_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const { fround } = Math;

/** d f16; every 32 weights: 4 bytes of points, then a u32 of four times 7 signs and a 4-bit scale. */
export const IQ2_XXS: BlockType = latticeType("IQ2_XXS", 16, {
  bytes: 66,
  group: 32,
  codebook: IQ2_CODEBOOK,
  grid: IQ2_XXS_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(f16At(blocks, block));
  for (let group = 0; group < 8; group++) {
    const at = block + 2 + 8 * group;
    const signs = blocks[at + 4]! | (blocks[at + 5]! << 8) | (blocks[at + 6]! << 16) | (blocks[at + 7]! << 24);
    written.scale(fround(d * (0.5 + (signs >>> 28))) * 0.25);
    for (let l = 0; l < 4; l++) {
      written.eight(points[blocks[at + l]!]! | SIGNS_OF_EIGHT[EVEN_SIGNS[(signs >> (7 * l)) & 127]!]!);
    }
  }
}
