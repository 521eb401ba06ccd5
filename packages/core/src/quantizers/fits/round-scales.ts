import { roundToScaleDtype } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";

/** Every value as its storage dtype keeps it. */
export function roundScales(values: Float64Array, dtype: ScaleDtype): Float32Array {
  return Float32Array.from(values, (value) => roundToScaleDtype(dtype, value));
}
