import type { ScaleDtype } from "./term.js";

/** Bytes of one element. */
export const SCALE_BYTES: Readonly<Record<ScaleDtype, number>> = { F16: 2, BF16: 2, F32: 4 };

const word = new DataView(new ArrayBuffer(4));

/** Element `index` of a scale, mean, minimum or float zero point array, as f32. */
export function loadScale(array: Uint8Array, dtype: ScaleDtype, index: number): number {
  const at = index * SCALE_BYTES[dtype];
  const low = array[at]! | (array[at + 1]! << 8);
  if (dtype === "F16") return f16ToNumber(low);
  const bits = dtype === "BF16" ? low << 16 : low | (array[at + 2]! << 16) | (array[at + 3]! << 24);
  word.setInt32(0, bits);
  return word.getFloat32(0);
}

/**
 * Rounds an f32 to the storage dtype (half to even, −0 to +0, overflow to infinity, every NaN to the one quiet NaN),
 * writes it, and returns it read back as f32: the value that codes must be chosen with (docs/numerics.md, rule 5).
 */
export function storeScale(array: Uint8Array, dtype: ScaleDtype, index: number, value: number): number {
  word.setFloat32(0, value + 0);
  let bits = Number.isNaN(value) ? 0x7fc00000 : word.getInt32(0);
  if (dtype === "BF16") bits = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  if (dtype === "F16") bits = f32BitsToF16(bits);
  if (dtype === "BF16" && (bits & 0x7fff) === 0) bits = 0;
  const at = index * SCALE_BYTES[dtype];
  for (let byte = 0; byte < SCALE_BYTES[dtype]; byte++) array[at + byte] = bits >>> (8 * byte);
  return loadScale(array, dtype, index);
}

function f16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function f32BitsToF16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above
  if (magnitude >= 0x38800000) {
    // Normal: drop 13 bits, half to even; a carry moves into the exponent by itself.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x33000000) return 0; // below half of the smallest subnormal
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const drop = 126 - (magnitude >>> 23);
  const rounding = (1 << (drop - 1)) - 1 + ((mantissa >>> drop) & 1);
  const half = (mantissa + rounding) >>> drop;
  return half === 0 ? 0 : sign | half;
}

const rounded = new Uint8Array(4);

/** What `storeScale` would store, read back. */
export function roundToScaleDtype(dtype: ScaleDtype, value: number): number {
  return storeScale(rounded, dtype, 0, value);
}
