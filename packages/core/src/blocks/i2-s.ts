import { LowbitError } from "../errors/index.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import type { TernaryLayout } from "../terms/ternary.js";
import type { BlockType } from "./block-type.js";

const WEIGHTS = 128;
const BYTES = 32;
/** f32 scale, then padding. */
const SHARED = 32;

/**
 * Ternary weights of bitnet.cpp, as its x86 build with default settings writes them (the order of the codes depends on the
 * build that wrote a file, and nothing in the file says which): byte m of a block has the digits of weights m, 32 + m,
 * 64 + m and 96 + m from its highest bits down; w = scale · (digit − 1) with one scale behind the last row. Only read.
 */
export const I2_S: BlockType = {
  name: "I2_S",
  id: 36,
  weights: WEIGHTS,
  bytes: BYTES,
  sharedBytes: SHARED,
  layout,
  unpack,
};

function layout(rows: number, columns: number): TernaryLayout {
  return {
    kind: "ternary",
    rows,
    columns,
    granularity: "tensor",
    groupSize: columns,
    packing: "two-bit",
    scaleDtype: "F32",
  };
}

function unpack(blocks: Uint8Array, rows: number, columns: number): Term {
  const term = allocateTerm(layout(rows, columns));
  const { digits, scale } = term.arrays;
  const end = blocks.length - SHARED;
  for (let block = 0, to = 0; block < end; block += BYTES) {
    checkDigits(blocks, block);
    for (let shift = 6; shift >= 0; shift -= 2) {
      for (let m = block; m < block + BYTES; m += 4) {
        digits[to++] =
          ((blocks[m]! >> shift) & 3) |
          (((blocks[m + 1]! >> shift) & 3) << 2) |
          (((blocks[m + 2]! >> shift) & 3) << 4) |
          (((blocks[m + 3]! >> shift) & 3) << 6);
      }
    }
  }
  scale.set(blocks.subarray(end, end + 4));
  return term;
}

/** @throws `gguf/block-value` for a digit 3 */
function checkDigits(blocks: Uint8Array, block: number): void {
  let both = 0;
  for (let m = block; m < block + BYTES; m++) both |= blocks[m]! & (blocks[m]! >> 1) & 0x55;
  if (both === 0) return;
  throw new LowbitError("gguf/block-value", `Block ${block / BYTES} of type I2_S has a digit 3; allowed: 0, 1, 2.`, {
    type: "I2_S",
    block: block / BYTES,
  });
}
