import type { FloatDtype } from "../../dtype/dtype-table.js";
import { loadScale, SCALE_BYTES } from "../../terms/scale-array.js";

/** Reads element `index` of an array of `dtype` as f32. */
export type ElementReader = (source: Uint8Array, index: number) => number;

export function elementReader(dtype: FloatDtype): ElementReader {
  if (dtype === "F64") {
    return (source, index) =>
      Math.fround(new DataView(source.buffer, source.byteOffset, source.byteLength).getFloat64(index * 8, true));
  }
  if (dtype in SCALE_BYTES) return (source, index) => loadScale(source, dtype as "F16", index);
  throw new Error(`not yet: ${dtype}`);
}
