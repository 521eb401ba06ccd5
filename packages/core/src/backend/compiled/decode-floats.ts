import { decodeTable } from "../../dtype/decode-table.js";
import { DTYPES, type FloatDtype } from "../../dtype/dtype-table.js";
import { isSmallFloat } from "../../dtype/small-float.js";
import { checkDecodeFloats } from "../check-statistics.js";
import { DTYPE_SPAN } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** 16 bits and more have a kernel each; the small dtypes share one that looks codes up in the table of dtype/. */
export function decodeFloats(
  kernels: KernelCaller,
  dtype: FloatDtype,
  source: Uint8Array,
  target: Float32Array,
): number {
  checkDecodeFloats(dtype, source, target);
  const spans = Math.ceil(target.length / DTYPE_SPAN);
  const { bits } = DTYPES[dtype];
  if (isSmallFloat(dtype) && bits <= 8) {
    const table = decodeTable(dtype);
    return kernels.call("decode_table", 0, spans, source, output(target), target.length, bits, table);
  }
  return kernels.call(`decode_${dtype.toLowerCase()}`, 0, spans, source, output(target), target.length);
}
