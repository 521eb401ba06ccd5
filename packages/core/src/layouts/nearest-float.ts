import type { KernelBackend } from "../backend/kernel-backend.js";
import { packCodes } from "../bitpack/pack-codes.js";
import { decodeTable } from "../dtype/decode-table.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { CodebookLayout } from "../terms/codebook.js";
import { groupCount } from "../terms/granularity.js";
import { storeScale } from "../terms/scale-array.js";
import type { Granularity, ScaleDtype, Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";
import { CODEBOOK_NAMES, floatTable } from "./float-codebooks.js";

/** Small floats that a layout of another tool stores. */
export interface NearestFloat {
  readonly dtype: "F8_E4M3" | "F4";
  readonly granularity: Granularity;
  readonly groupSize: number;
  /** Rows that share their scales; 1 but for blocks. */
  readonly rowsPerScale?: number;
  readonly scaleDtype: ScaleDtype;
  /** The scale for a group of `values` whose largest magnitude this is; 0 stands for 1. */
  scale(largest: number, values: Float32Array): number;
}

/** The codebook term of small floats next to given values: w / scale rounded half to even, beyond the largest code to it. */
export function nearestFloat(block: RowBlock, float: NearestFloat, backend: KernelBackend): Term {
  const { rows, columns, values } = block;
  const { dtype, granularity, groupSize, scaleDtype } = float;
  const bits = dtype === "F4" ? 4 : 8;
  const term = allocateTerm<CodebookLayout>({
    kind: "codebook",
    rows,
    columns,
    bits,
    granularity,
    groupSize,
    codebook: CODEBOOK_NAMES[dtype],
    scaleDtype,
  });
  term.arrays.table.set(floatTable(dtype));
  const groups = groupCount(columns, groupSize);
  const rowsPerScale = granularity === "tensor" ? rows : (float.rowsPerScale ?? 1);
  const scaled = new Float32Array(values.length);
  for (let top = 0; top < rows; top += rowsPerScale) {
    const bottom = Math.min(rows, top + rowsPerScale);
    for (let group = 0; group < groups; group++) {
      const shared = sharedValues(block, top, bottom, group * groupSize, Math.min(columns, (group + 1) * groupSize));
      const largest = shared.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const wanted = float.scale(largest, shared) || 1;
      let scale = wanted;
      for (let row = top; row < (granularity === "tensor" ? top + 1 : bottom); row++) {
        scale = storeScale(term.arrays.scale, scaleDtype, row * groups + group, wanted);
      }
      for (let row = top; row < bottom; row++) {
        for (let c = group * groupSize; c < Math.min(columns, (group + 1) * groupSize); c++) {
          scaled[row * columns + c] = Math.fround(values[row * columns + c]! / scale);
        }
      }
    }
  }
  encode(scaled, dtype, term as Term<CodebookLayout>, backend);
  return term as unknown as Term;
}

function sharedValues(
  { values, columns }: RowBlock,
  top: number,
  bottom: number,
  begin: number,
  end: number,
): Float32Array {
  if (bottom - top === 1) return values.subarray(top * columns + begin, top * columns + end);
  const shared = new Float32Array((bottom - top) * (end - begin));
  for (let row = top; row < bottom; row++) {
    shared.set(values.subarray(row * columns + begin, row * columns + end), (row - top) * (end - begin));
  }
  return shared;
}

function encode(
  scaled: Float32Array,
  dtype: "F8_E4M3" | "F4",
  { layout, arrays }: Term<CodebookLayout>,
  backend: KernelBackend,
): void {
  const { columns, bits } = layout;
  const most = LARGEST[dtype];
  for (let i = 0; i < scaled.length; i++) scaled[i] = Math.min(most, Math.max(-most, scaled[i]!));
  // One value a byte: rows of codes begin at bytes, where the dtype packs without gaps.
  const rowBytes = arrays.codes.length / Math.max(1, layout.rows);
  for (let row = 0; row < layout.rows; row++) {
    const values = scaled.subarray(row * columns, (row + 1) * columns);
    const codes = arrays.codes.subarray(row * rowBytes, (row + 1) * rowBytes);
    if (bits === 8) backend.encodeFloats(dtype, values, codes);
    else packCodes(halfCodes(values, backend), 4, codes);
  }
}

function halfCodes(values: Float32Array, backend: KernelBackend): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 2));
  backend.encodeFloats("F4", values, packed);
  return Uint8Array.from(values, (_, i) => (packed[i >>> 1]! >>> (4 * (i & 1))) & 15);
}

/** Largest values of the codes. */
export const LARGEST: Readonly<Record<"F8_E4M3" | "F4", number>> = { F8_E4M3: 448, F4: 6 };

/**
 * The power of 2 that gives the least squared error: the one which keeps the largest weight in the range of the codes, or
 * half of it, which cuts the largest off and is finer for the others. Of equal ones the larger.
 */
export function bestExponentScale(dtype: "F8_E4M3" | "F4", largest: number, values: Float32Array): number {
  const whole = 2 ** Math.ceil(Math.log2(largest / LARGEST[dtype]));
  const scale = Math.min(2 ** 127, Math.max(2 ** -126, whole));
  return squaredError(dtype, scale / 2, values) < squaredError(dtype, scale, values) ? scale / 2 : scale;
}

function squaredError(dtype: "F8_E4M3" | "F4", scale: number, values: Float32Array): number {
  const table = MAGNITUDES[dtype];
  let sum = 0;
  for (const value of values) {
    const x = Math.abs(value) / scale;
    let [low, high] = [0, table.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (table[middle]! <= x) low = middle;
      else high = middle - 1;
    }
    const below = x - table[low]!;
    const above = low + 1 < table.length ? table[low + 1]! - x : below;
    sum += (Math.min(below, above) * scale) ** 2;
  }
  return sum;
}

/** Ascending values of the codes without the sign bit. */
const MAGNITUDES: Readonly<Record<"F8_E4M3" | "F4", Float32Array>> = {
  F8_E4M3: decodeTable("F8_E4M3").slice(0, 0x7f),
  F4: decodeTable("F4").slice(0, 8),
};
