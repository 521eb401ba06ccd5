import { loadScale, SCALE_BYTES, storeScale } from "./scale-array.js";
import type { ScaleDtype } from "./term.js";

/** All elements of a scale, mean, minimum, float zero point or value array, as f32. */
export function readScales(bytes: Uint8Array, dtype: ScaleDtype): Float32Array {
  return Float32Array.from({ length: bytes.byteLength / SCALE_BYTES[dtype] }, (_, i) => loadScale(bytes, dtype, i));
}

/** Rounds each value to the storage dtype, half to even, and writes it; −0 becomes +0. */
export function writeScales(values: ArrayLike<number>, dtype: ScaleDtype, target: Uint8Array): void {
  for (let i = 0; i < values.length; i++) storeScale(target, dtype, i, values[i]!);
}
