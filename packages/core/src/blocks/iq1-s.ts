import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { type LatticeTerm, SIGNS_OF_EIGHT } from "./lattice-codes.js";
import { IQ1_GRID } from "./lattice-grids.js";
import { IQ1_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const HIGH_AT = 34;

/** d f16; 32 bytes with the low bits of points; every 32 weights a u16: 4 × 3 high bits, 3-bit scale, sign of the shift. */
export const IQ1_S: BlockType = latticeType("IQ1_S", 19, {
  bytes: 50,
  group: 32,
  codebook: IQ1_CODEBOOK,
  grid: IQ1_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(f16At(blocks, block));
  for (let group = 0; group < 8; group++) {
    const high = f16At(blocks, block + HIGH_AT + 2 * group);
    written.scale(d * (2 * ((high >> 12) & 7) + 1));
    const shift = SIGNS_OF_EIGHT[high & 0x8000 ? 255 : 0]!;
    for (let l = 0; l < 4; l++) {
      const point = blocks[block + 2 + 4 * group + l]! | (((high >> (3 * l)) & 7) << 8);
      written.eight(points[point]! | shift);
    }
  }
}
