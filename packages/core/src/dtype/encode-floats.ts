import { DTYPES, type FloatDtype } from "./dtype-table.js";
import { encodeSmallFloat, isSmallFloat, SMALL_FLOATS, type SmallFloatDtype } from "./small-float.js";

/**
 * Encodes all of `source` into the first ceil(length · bits / 8) bytes of `target`, half to even; overflow and NaN as
 * stated at `SmallFloatFormat`. Elements of less than a byte lie without gaps, lowest bits first; the rest of the last
 * byte is 0.
 */
export function encodeFloats(dtype: FloatDtype, source: Float32Array, target: Uint8Array): void {
  if (isSmallFloat(dtype)) {
    encodeSmall(dtype, source, target);
    return;
  }
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let index = 0; index < source.length; index++) {
    if (dtype === "F32") view.setFloat32(4 * index, source[index]!, true);
    else view.setFloat64(8 * index, source[index]!, true);
  }
}

function encodeSmall(dtype: SmallFloatDtype, source: Float32Array, target: Uint8Array): void {
  const format = SMALL_FLOATS[dtype];
  const { bits } = DTYPES[dtype];
  target.fill(0, 0, Math.ceil((source.length * bits) / 8));
  for (let index = 0; index < source.length; index++) {
    writeBits(target, index * bits, bits, encodeSmallFloat(format, source[index]!));
  }
}

/** Adds `value` of `bits` (1 to 16) at bit `position` of bytes that are still 0 there. */
function writeBits(target: Uint8Array, position: number, bits: number, value: number): void {
  const first = Math.floor(position / 8);
  const shifted = value << (position % 8);
  for (let byte = first, rest = shifted; byte * 8 < position + bits; byte++, rest >>>= 8) {
    target[byte] = target[byte]! | (rest & 0xff);
  }
}
