import { decodeTable } from "./decode-table.js";
import { DTYPES, type FloatDtype } from "./dtype-table.js";
import { isSmallFloat, type SmallFloatDtype } from "./small-float.js";

/**
 * Decodes `target.length` elements from the start of `source`. Exact, except that F64 rounds half to even (beyond the
 * f32 range to infinity). The payload of a NaN is not kept.
 * @returns how many elements are NaN or infinite
 */
export function decodeFloats(dtype: FloatDtype, source: Uint8Array, target: Float32Array): number {
  if (isSmallFloat(dtype)) decodeSmall(dtype, source, target);
  else {
    const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    for (let index = 0; index < target.length; index++) {
      target[index] = dtype === "F32" ? view.getFloat32(4 * index, true) : view.getFloat64(8 * index, true);
    }
  }
  let notFinite = 0;
  for (let index = 0; index < target.length; index++) if (!Number.isFinite(target[index]!)) notFinite++;
  return notFinite;
}

function decodeSmall(dtype: SmallFloatDtype, source: Uint8Array, target: Float32Array): void {
  const table = decodeTable(dtype);
  const { bits } = DTYPES[dtype];
  for (let index = 0; index < target.length; index++) target[index] = table[readBits(source, index * bits, bits)]!;
}

/** `bits` (1 to 16) from bit `position` on; bit 0 is the lowest bit of the first byte. */
function readBits(source: Uint8Array, position: number, bits: number): number {
  const byte = Math.floor(position / 8);
  const shift = position % 8;
  const three = source[byte]! | ((source[byte + 1] ?? 0) << 8) | ((source[byte + 2] ?? 0) << 16);
  return (three >>> shift) & (2 ** bits - 1);
}
