import { DTYPES, type FloatDtype } from "../../dtype/dtype-table.js";
import { encodeFloats as encodeInTypeScript } from "../../dtype/encode-floats.js";
import { checkEncodeFloats } from "../check-statistics.js";
import { DTYPE_SPAN } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** 16 bits and more have a kernel each; nothing hot writes the small dtypes, so these stay in TypeScript. */
export function encodeFloats(kernels: KernelCaller, dtype: FloatDtype, source: Float32Array, target: Uint8Array): void {
  checkEncodeFloats(dtype, source, target);
  if (DTYPES[dtype].bits <= 8) {
    encodeInTypeScript(dtype, source, target);
    return;
  }
  const spans = Math.ceil(source.length / DTYPE_SPAN);
  kernels.call(`encode_${dtype.toLowerCase()}`, 0, spans, source, output(target), source.length);
}
