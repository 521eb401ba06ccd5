import { decodeTable } from "../dtype/decode-table.js";
import { encodeSmallFloat, SMALL_FLOATS } from "../dtype/small-float.js";
import type { ScaleDtype } from "./term.js";

/** Bytes of one element. */
export const SCALE_BYTES: Readonly<Record<ScaleDtype, number>> = { F16: 2, BF16: 2, F32: 4 };

const word = new DataView(new ArrayBuffer(4));

/** Element `index` of a scale, mean, minimum or float zero point array, as f32. */
export function loadScale(array: Uint8Array, dtype: ScaleDtype, index: number): number {
  const at = index * SCALE_BYTES[dtype];
  const low = array[at]! | (array[at + 1]! << 8);
  if (dtype !== "F32") return decodeTable(dtype)[low]!;
  word.setInt32(0, low | (array[at + 2]! << 16) | (array[at + 3]! << 24));
  return word.getFloat32(0);
}

/**
 * Rounds an f32 to the storage dtype (half to even, −0 to +0, overflow to infinity, every NaN to the one quiet NaN),
 * writes it, and returns it read back as f32: the value that codes must be chosen with (docs/numerics.md, rule 5).
 */
export function storeScale(array: Uint8Array, dtype: ScaleDtype, index: number, value: number): number {
  const bits = scaleBits(dtype, Math.fround(value) + 0);
  const at = index * SCALE_BYTES[dtype];
  for (let byte = 0; byte < SCALE_BYTES[dtype]; byte++) array[at + byte] = bits >>> (8 * byte);
  return loadScale(array, dtype, index);
}

function scaleBits(dtype: ScaleDtype, value: number): number {
  if (dtype === "F32") {
    word.setFloat32(0, value);
    return Number.isNaN(value) ? 0x7fc00000 : word.getInt32(0);
  }
  const bits = encodeSmallFloat(SMALL_FLOATS[dtype], value);
  return bits === 0x8000 ? 0 : bits;
}

const rounded = new Uint8Array(4);

/** What `storeScale` would store, read back. */
export function roundToScaleDtype(dtype: ScaleDtype, value: number): number {
  return storeScale(rounded, dtype, 0, value);
}

/** All elements of a scale, mean, minimum, float zero point or value array, as f32. */
export function readScales(bytes: Uint8Array, dtype: ScaleDtype): Float32Array {
  const values = new Float32Array(bytes.byteLength / SCALE_BYTES[dtype]);
  for (let i = 0; i < values.length; i++) values[i] = loadScale(bytes, dtype, i);
  return values;
}

/** Stores every value. */
export function writeScales(values: ArrayLike<number>, dtype: ScaleDtype, target: Uint8Array): void {
  for (let i = 0; i < values.length; i++) storeScale(target, dtype, i, values[i]!);
}
