import { packedByteLength } from "../bitpack/packed-byte-length.js";
import { unpackCodes } from "../bitpack/unpack-codes.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { groupCount } from "../terms/granularity.js";
import { readScales, writeScales } from "../terms/scale-array.js";
import type { Term } from "../terms/term.js";
import { termKind } from "../terms/term-kinds.js";
import type { BlockRefusal, PackedBlocks } from "./block-type.js";
import { packHalves } from "./nibble-halves.js";

const { fround } = Math;

/** Twice the values of E2M1 (OCP Microscaling v1.0), as ggml keeps them; code 8 is a second 0. */
const DOUBLED = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as const;

/** Fills the table of a term with the doubled values. */
export function writeE2m1Table(target: Uint8Array): void {
  writeScales(DOUBLED, "F32", target);
}

/**
 * The first code whose error |code's value · d − x|, each step rounded to f32, is least. The rounding decides where x is
 * far beyond 12d.
 */
export function nearestE2m1(x: number, d: number): number {
  let best = 0;
  let least = Math.abs(x);
  for (let code = 1; code < 16; code++) {
    const error = Math.abs(fround(fround(DOUBLED[code]! * d) - x));
    if (error < least) {
      best = code;
      least = error;
    }
  }
  return best;
}

/** The largest magnitude of `count` weights. */
export function largestMagnitude(values: Float32Array, from: number, count: number): number {
  let largest = 0;
  for (let i = from; i < from + count; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** Blocks of E2M1 codes in halves, each `group` weights with a scale. */
export interface E2m1Blocks {
  /** Weights of a block and of each of its groups. */
  readonly weights: number;
  readonly group: number;
  readonly bytes: number;
  /** What scales can be, "powers of two". */
  readonly scales: string;
  /** Byte of a scale; undefined: there is none. */
  scaleByte(scale: number): number | undefined;
  /** Where scale and codes of group `index` stand in a block. */
  scaleAt(index: number): number;
  codesAt(index: number): number;
}

/** A codebook term whose table is E2M1 times a factor, in any order. */
export function packE2m1(terms: readonly Term[], form: E2m1Blocks): PackedBlocks | BlockRefusal {
  const [only] = terms;
  if (only === undefined || terms.length > 1) return { reason: `a sum of ${terms.length} terms has no single table` };
  if (only.layout.kind !== "codebook") {
    return { reason: `${termKind(only.layout).describe(only.layout)} has no table of E2M1` };
  }
  const { layout, arrays } = only as Term<CodebookLayout>;
  const { rows, columns, bits } = layout;
  const groupSize = Math.min(layout.groupSize, columns);
  const groups = groupCount(columns, groupSize);
  if (columns % form.weights !== 0) return { reason: `its rows of ${columns} are no multiple of ${form.weights}` };
  if (groups > 1 && groupSize % form.group !== 0) {
    return { reason: `its groups of ${groupSize} columns are no multiple of ${form.group}` };
  }
  const table = readScales(arrays.table, "F32");
  const factor = table.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 12;
  const e2m1 = Uint8Array.from(table, (value, code) => codeOf(value, factor, code));
  if (e2m1.includes(NONE)) return { reason: `its table ${layout.codebook} has other values than E2M1` };
  const bytes = scaleBytes(readScales(arrays.scale, layout.scaleDtype), factor, form);
  if (typeof bytes === "number") return { reason: `its scale ${bytes} is none of ${form.scales}` };
  const blocks = new Uint8Array((rows * columns * form.bytes) / form.weights);
  const codes = new Uint8Array(columns);
  const rowBytes = packedByteLength(columns, bits);
  const perBlock = form.weights / form.group;
  for (let row = 0, to = 0; row < rows; row++) {
    unpackCodes(arrays.codes.subarray(row * rowBytes), bits, columns, codes);
    for (let i = 0; i < columns; i++) codes[i] = e2m1[codes[i]!]!;
    const scaleRow = layout.granularity === "tensor" ? 0 : row * groups;
    for (let from = 0; from < columns; to += form.bytes) {
      for (let index = 0; index < perBlock; index++, from += form.group) {
        blocks[to + form.scaleAt(index)] = bytes[scaleRow + Math.floor(from / groupSize)]!;
        packHalves(codes, from, form.group / 2, blocks, to + form.codesAt(index));
      }
    }
  }
  return { blocks };
}

const NONE = 255;

/** Code of a table value: `code` itself where that has this value, else the first that does. */
function codeOf(value: number, factor: number, code: number): number {
  if (code < 16 && DOUBLED[code]! * factor === value) return code;
  const found = DOUBLED.findIndex((doubled) => doubled * factor === value);
  return found < 0 ? NONE : found;
}

/** Bytes of all scales; the first scale that has none otherwise. */
function scaleBytes(scales: Float32Array, factor: number, form: E2m1Blocks): Uint8Array | number {
  const bytes = new Uint8Array(scales.length);
  for (let i = 0; i < scales.length; i++) {
    const byte = form.scaleByte(scales[i]! * factor);
    if (byte === undefined) return scales[i]!;
    bytes[i] = byte;
  }
  return bytes;
}
