import type { BlockType } from "./block-type.js";
import { f16At, f16Value } from "./f16-bits.js";
import { type LatticeTerm, SIGNS_OF_EIGHT } from "./lattice-codes.js";
import { IQ1_GRID } from "./lattice-grids.js";
import { IQ1_CODEBOOK } from "./lattice-tables.js";
import { latticeType } from "./lattice-type.js";

const HIGH_AT = 32;
const SCALES_AT = 48;

/**
 * 32 bytes with the low bits of points; 16 bytes, a nibble a point: 3 high bits and the sign of the shift; four u16: 3-bit
 * scales, one every 16 weights, and in their top nibbles the f16 d, lowest nibble first.
 */
export const IQ1_M: BlockType = latticeType("IQ1_M", 29, {
  bytes: 56,
  group: 16,
  codebook: IQ1_CODEBOOK,
  grid: IQ1_GRID,
  unpackBlock,
});

function unpackBlock(blocks: Uint8Array, block: number, points: Uint32Array, written: LatticeTerm): void {
  const d = f16Value(scaleBits(blocks, block + SCALES_AT));
  for (let eight = 0; eight < 32; eight++) {
    if (eight % 2 === 0) {
      const scales = f16At(blocks, block + SCALES_AT + 2 * (eight >> 3));
      written.scale(d * (2 * ((scales >> (3 * ((eight >> 1) & 3))) & 7) + 1));
    }
    const high = blocks[block + HIGH_AT + (eight >> 1)]! >> (4 * (eight & 1));
    const point = blocks[block + eight]! | ((high & 7) << 8);
    written.eight(points[point]! | SIGNS_OF_EIGHT[high & 8 ? 255 : 0]!);
  }
}

function scaleBits(blocks: Uint8Array, at: number): number {
  return (
    (blocks[at + 1]! >> 4) |
    (blocks[at + 3]! & 0xf0) |
    ((blocks[at + 5]! & 0xf0) << 4) |
    ((blocks[at + 7]! & 0xf0) << 8)
  );
}
