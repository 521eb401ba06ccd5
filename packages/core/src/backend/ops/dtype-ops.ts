import type { FloatDtype } from "../../dtype/dtype-table.js";

/** Storage dtype ↔ f32, in bulk. */
export interface DtypeOps {
  /**
   * Decodes `target.length` elements from `source`; F64 rounds half to even, every other dtype is exact.
   * Returns how many of them are NaN or infinite.
   */
  decodeFloats(dtype: FloatDtype, source: Uint8Array, target: Float32Array): number;
  /** Encodes all of `source`, half to even; overflow and NaN by the rule of the dtype (see dtype/). */
  encodeFloats(dtype: FloatDtype, source: Float32Array, target: Uint8Array): void;
}
