import type { FloatDtype } from "../../dtype/dtype-table.js";
import { SCALE_BYTES, storeScale } from "../../terms/scale-array.js";

export function encodeFloats(dtype: FloatDtype, source: Float32Array, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let i = 0; i < source.length; i++) {
    if (dtype === "F64") view.setFloat64(i * 8, source[i]!, true);
    else if (dtype in SCALE_BYTES) {
      storeScale(target, dtype as "F16", i, source[i]!);
    } else throw new Error(`not yet: ${dtype}`);
  }
}
