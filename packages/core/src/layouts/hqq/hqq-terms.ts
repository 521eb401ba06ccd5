import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { DenseLayout } from "../../terms/dense.js";
import { groupCount } from "../../terms/granularity.js";
import { readScales, SCALE_BYTES, writeScales } from "../../terms/scale-array.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import { wrongValue } from "../partner-tensors.js";
import { unpackBlocks } from "./block-packing.js";
import type { HqqSettings } from "./hqq-settings.js";

const { fround } = Math;

/** The arrays of a layer as they stand in the file. */
export interface HqqArrays {
  readonly packed: Uint8Array;
  /** One element a group. */
  readonly scale: Uint8Array;
  readonly zero: Uint8Array;
  /** Of scale and zero. */
  readonly dtype: ScaleDtype;
}

/**
 * Columns of a row that share a scale, axis 1. Groups are cut from the rows joined to one; where they do not end with the
 * row, the columns that surely share one are those of the greatest common divisor.
 */
export function termGroupSize({ shape: [, columns], groupSize, isGrouped }: HqqSettings): number {
  return isGrouped ? greatestDivisor(columns, groupSize) : columns;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

export function affineTerm(layout: AffineLayout, settings: HqqSettings, { packed, scale, zero }: HqqArrays): Term {
  const { rows, columns, bits } = layout;
  const codes = allCodes(settings, packed);
  const rowBytes = packedByteLength(columns, bits);
  const target = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    packCodes(
      codes.subarray(row * columns, (row + 1) * columns),
      bits,
      target.subarray(row * rowBytes, (row + 1) * rowBytes),
    );
  }
  const isPlain = !settings.isGrouped || layout.groupSize === settings.groupSize;
  const spread = (array: Uint8Array): Uint8Array => (isPlain ? array : spreadGroups(array, layout, settings.groupSize));
  return { layout, arrays: { codes: target, scale: spread(scale), zeroPoint: spread(zero) } } as unknown as Term;
}

/** Elements of groups of `storedSize` weights for the shorter groups of a term. */
function spreadGroups(array: Uint8Array, layout: AffineLayout, storedSize: number): Uint8Array {
  const size = SCALE_BYTES[layout.scaleDtype];
  const count = layout.rows * groupCount(layout.columns, layout.groupSize);
  const all = new Uint8Array(count * size);
  for (let at = 0; at < count; at++) {
    const from = Math.floor((at * layout.groupSize) / storedSize) * size;
    all.set(array.subarray(from, from + size), at * size);
  }
  return all;
}

/** Axis 0: the matrix is reshaped to [groupSize, groups], so that weight i has the scale i modulo groups. */
export function denseTerm(layout: DenseLayout, settings: HqqSettings, { packed, scale, zero, dtype }: HqqArrays): Term {
  const { rows, columns } = layout;
  const codes = allCodes(settings, packed);
  const groups = codes.length / settings.groupSize;
  const [scales, zeros] = [readScales(scale, dtype), readScales(zero, dtype)];
  const decoded = new Float32Array(rows * columns);
  for (let at = 0, group = 0; at < codes.length; at++) {
    decoded[at] = fround(scales[group]! * fround(codes[at]! - zeros[group]!));
    group = group + 1 === groups ? 0 : group + 1;
  }
  const values = new Uint8Array(4 * decoded.length);
  writeScales(decoded, "F32", values);
  return { layout, arrays: { values } } as unknown as Term;
}

/** Codes of the matrix as HQQ reshaped it, which are those of the matrix in order. */
function allCodes(
  { module, bits, packing, shape, axis, groupSize, isGrouped }: HqqSettings,
  packed: Uint8Array,
): Uint8Array {
  const count = shape[0] * shape[1];
  const [rows, columns] = isGrouped
    ? axis === 1
      ? [count / groupSize, groupSize]
      : [groupSize, count / groupSize]
    : shape;
  const codes = unpackBlocks(packed, packing, rows, columns);
  if (packing.bits > bits) {
    const largest = 2 ** bits - 1;
    const above = codes.find((code) => code > largest);
    if (above !== undefined)
      throw wrongValue("hqq", `${module}.W_q`, `holds the code ${above}; codes of ${bits} bits end at ${largest}`);
  }
  return codes;
}
