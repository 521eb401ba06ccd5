import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { EVEN_SIGNS, type LatticeTerm, SIGNS_OF_FOUR } from "./lattice-codes.js";
import { IQ3_XXS_GRID } from "./lattice-grids.js";
import { IQ3_XXS_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const { fround } = Math;
const SIGNS_AT = 66;

/** d f16; 64 bytes of points of four weights; every 32 weights a u32 of four times 7 signs and a 4-bit scale. */
export const IQ3_XXS: BlockType = latticeType("IQ3_XXS", 18, {
  bytes: 98,
  group: 32,
  codebook: IQ3_XXS_CODEBOOK,
  grid: IQ3_XXS_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(f16At(blocks, block));
  for (let group = 0; group < 8; group++) {
    const at = block + SIGNS_AT + 4 * group;
    const stored = f16At(blocks, at) | (f16At(blocks, at + 2) << 16);
    written.scale(fround(d * (0.5 + (stored >>> 28))) * 0.5);
    for (let l = 0; l < 4; l++) {
      const signs = SIGNS_OF_FOUR[EVEN_SIGNS[(stored >> (7 * l)) & 127]!]!;
      const from = block + 2 + 8 * group + 2 * l;
      written.four(points[blocks[from]!]! | (signs & 0xffff));
      written.four(points[blocks[from + 1]!]! | (signs >>> 16));
    }
  }
}
