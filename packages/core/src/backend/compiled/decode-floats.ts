import type { FloatDtype } from "../../dtype/dtype-table.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Elements of one "row" of the kernels, the unit that threads share (LOWBIT_DTYPE_SPAN). */
const SPAN = 4096;

export function decodeFloats(
  kernels: KernelCaller,
  dtype: FloatDtype,
  source: Uint8Array,
  target: Float32Array,
): number {
  const spans = Math.ceil(target.length / SPAN);
  return kernels.call(`decode_${dtype.toLowerCase()}`, 0, spans, source, output(target), target.length);
}
