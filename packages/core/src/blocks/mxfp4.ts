import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import type { EncodableBlockType } from "./block-type.js";
import { type E2m1Blocks, largestMagnitude, nearestE2m1, packE2m1, writeE2m1Table } from "./e2m1.js";
import { floorLog2 } from "./floor-log2.js";
import { halvesToNeighbours, packHalves } from "./nibble-halves.js";

const WEIGHTS = 32;
const BYTES = 17;

/** E8M0 exponent byte e, 16 bytes of E2M1 codes in halves: w = 2^(e − 128) · doubled value of the code. */
export const MXFP4: EncodableBlockType = {
  name: "MXFP4",
  id: 39,
  weights: WEIGHTS,
  bytes: BYTES,
  layout,
  unpack,
  pack: (terms) => packE2m1(terms, FORM),
  encode,
};

const FORM: E2m1Blocks = {
  weights: WEIGHTS,
  group: WEIGHTS,
  bytes: BYTES,
  scales: "the powers of two 2^−128 to 2^127",
  scaleByte: (scale) => {
    const exponent = Math.round(Math.log2(scale)) + 128;
    return exponent >= 0 && exponent <= 255 && 2 ** (exponent - 128) === scale ? exponent : undefined;
  },
  scaleAt: () => 0,
  codesAt: () => 1,
};

/** BF16 holds every power of two of the type. */
function layout(rows: number, columns: number): CodebookLayout {
  return {
    kind: "codebook",
    rows,
    columns,
    bits: 4,
    granularity: "group",
    groupSize: WEIGHTS,
    codebook: "e2m1",
    scaleDtype: "BF16",
  };
}

function unpack(blocks: Uint8Array, rows: number, columns: number): Term {
  const term = allocateTerm(layout(rows, columns));
  const { codes, scale, table } = term.arrays;
  writeE2m1Table(table);
  for (let from = 0, to = 0, at = 0; to < codes.length; from += BYTES, to += 16, at += 2) {
    const bits = scaleBits(blocks[from]!);
    scale[at] = bits;
    scale[at + 1] = bits >> 8;
    halvesToNeighbours(blocks, from + 1, 16, codes, to);
  }
  return term;
}

/** BF16 of 2^(e − 128): subnormal for e below 2. ggml gives 0xff, NaN in E8M0, no meaning of its own: 2^127. */
function scaleBits(e: number): number {
  return e < 2 ? 0x20 << e : (e - 1) << 7;
}

/** e = exponent of the largest magnitude − 2, so that it lies between the values 4 and 8 of E2M1. */
function encode(values: Float32Array, blocks: Uint8Array): void {
  const codes = new Uint8Array(WEIGHTS);
  for (let from = 0, to = 0; from < values.length; from += WEIGHTS, to += BYTES) {
    const largest = largestMagnitude(values, from, WEIGHTS);
    // As x86 narrows a negative float to a byte: modulo 256.
    const e = largest > 0 ? (floorLog2(largest) + 125) & 255 : 0;
    const d = 2 ** (e - 128);
    for (let i = 0; i < WEIGHTS; i++) codes[i] = nearestE2m1(values[from + i]!, d);
    blocks[to] = e;
    packHalves(codes, 0, 16, blocks, to + 1);
  }
}
