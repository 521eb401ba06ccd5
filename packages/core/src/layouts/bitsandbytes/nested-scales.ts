import { writeScales } from "../../terms/scale-array.js";

/** Scales in 8 bits, as bitsandbytes nests them: table[code] · scale of 256 + their mean. */
export interface NestedScales {
  readonly codes: Uint8Array;
  /** F32, one for every 256 codes. */
  readonly scale: Uint8Array;
  /** F32 [256], ascending. */
  readonly table: Uint8Array;
  readonly offset: number;
}

export const NESTED_BLOCK = 256;

/** Nests scales: the mean is taken off, and each is rounded to the nearest value of the table (a tie to the lower one). */
export function nestScales(scales: Float32Array): NestedScales {
  const offset = Math.fround(scales.reduce((sum, value) => sum + value, 0) / scales.length);
  const codes = new Uint8Array(scales.length);
  const outer: number[] = [];
  for (let begin = 0; begin < scales.length; begin += NESTED_BLOCK) {
    const centred = scales.subarray(begin, begin + NESTED_BLOCK).map((value) => value - offset);
    const largest = centred.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    outer.push(largest);
    codes.set(
      centred.map((value) => nearest(largest === 0 ? 0 : value / largest)),
      begin,
    );
  }
  const [scale, table] = [new Uint8Array(4 * outer.length), new Uint8Array(4 * TABLE.length)];
  writeScales(outer, "F32", scale);
  writeScales(TABLE, "F32", table);
  return { codes, scale, table, offset };
}

/**
 * The dynamic 8-bit type of Dettmers (arXiv 1511.04561 and 2110.02861): seven decades, each halved into twice as many
 * steps as the one below, both signs, 0 and 1.
 */
const TABLE: Float32Array = dynamicTable();

function dynamicTable(): Float32Array {
  const values = [0, 1];
  for (let decade = 0; decade < 7; decade++) {
    const steps = 2 ** decade;
    for (let step = 0; step < steps; step++) {
      const middle = 0.1 + (0.9 * (step + 0.5)) / steps;
      values.push(middle * 10 ** (decade - 6), -middle * 10 ** (decade - 6));
    }
  }
  return Float32Array.from(values).sort();
}

function nearest(value: number): number {
  let [low, high] = [0, TABLE.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (TABLE[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  const isUpper = low + 1 < TABLE.length && TABLE[low + 1]! - value < value - TABLE[low]!;
  return isUpper ? low + 1 : low;
}
