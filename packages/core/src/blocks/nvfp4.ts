import type { CodebookLayout } from "../terms/codebook.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import type { EncodableBlockType } from "./block-type.js";
import { type E2m1Blocks, largestMagnitude, nearestE2m1, packE2m1, writeE2m1Table } from "./e2m1.js";
import { f16Bits, storeF16 } from "./f16-bits.js";
import { halvesToNeighbours, packHalves } from "./nibble-halves.js";
import { encodeUe4m3, halvedUe4m3 } from "./ue4m3.js";

const WEIGHTS = 64;
const BYTES = 36;
const GROUP = 16;
const GROUPS = 4;

/**
 * 4 scales in UE4M3, one a group of 16, then 8 bytes of E2M1 codes a group in halves: w = scale/2 · doubled value. A file
 * may hold a factor for the whole tensor beside it (tensor `….scale`); that is not part of the blocks.
 */
export const NVFP4: EncodableBlockType = {
  name: "NVFP4",
  id: 40,
  weights: WEIGHTS,
  bytes: BYTES,
  layout,
  unpack,
  pack: (terms) => packE2m1(terms, FORM),
  encode,
};

/** All but 0x7f, a second 0; `encodeUe4m3` reaches less. */
const BYTE_OF_SCALE: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 0x7f }, (_, byte) => [halvedUe4m3(byte), byte]),
);

const FORM: E2m1Blocks = {
  weights: WEIGHTS,
  group: GROUP,
  bytes: BYTES,
  scales: "the values of UE4M3",
  scaleByte: (scale) => BYTE_OF_SCALE.get(scale),
  scaleAt: (index) => index,
  codesAt: (index) => GROUPS + index * (GROUP / 2),
};

/** F16 holds every value of UE4M3, and its half. */
function layout(rows: number, columns: number): CodebookLayout {
  return {
    kind: "codebook",
    rows,
    columns,
    bits: 4,
    granularity: "group",
    groupSize: GROUP,
    codebook: "e2m1",
    scaleDtype: "F16",
  };
}

const SCALES = halvedScales();

/** F16 of every scale byte, halved. */
function halvedScales(): Uint8Array {
  const scales = new Uint8Array(512);
  for (let byte = 0; byte < 256; byte++) storeF16(scales, 2 * byte, f16Bits(halvedUe4m3(byte)));
  return scales;
}

function unpack(blocks: Uint8Array, rows: number, columns: number): Term {
  const term = allocateTerm(layout(rows, columns));
  const { codes, scale, table } = term.arrays;
  writeE2m1Table(table);
  for (let from = 0, to = 0, at = 0; to < codes.length; from += BYTES) {
    for (let group = 0; group < GROUPS; group++, to += GROUP / 2, at += 2) {
      const byte = 2 * blocks[from + group]!;
      scale[at] = SCALES[byte]!;
      scale[at + 1] = SCALES[byte + 1]!;
      halvesToNeighbours(blocks, from + GROUPS + group * (GROUP / 2), GROUP / 2, codes, to);
    }
  }
  return term;
}

/** scale = largest magnitude / 6, the largest value of E2M1. */
function encode(values: Float32Array, blocks: Uint8Array): void {
  const codes = new Uint8Array(GROUP);
  for (let from = 0, to = 0; from < values.length; to += BYTES) {
    for (let group = 0; group < GROUPS; group++, from += GROUP) {
      const byte = encodeUe4m3(Math.fround(largestMagnitude(values, from, GROUP) / 6));
      const d = halvedUe4m3(byte);
      for (let i = 0; i < GROUP; i++) codes[i] = nearestE2m1(values[from + i]!, d);
      blocks[to + group] = byte;
      packHalves(codes, 0, GROUP / 2, blocks, to + GROUPS + group * (GROUP / 2));
    }
  }
}
