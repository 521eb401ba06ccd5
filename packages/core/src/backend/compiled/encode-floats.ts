import type { FloatDtype } from "../../dtype/dtype-table.js";
import { type KernelCaller, output } from "./kernel-caller.js";

const SPAN = 4096;

export function encodeFloats(kernels: KernelCaller, dtype: FloatDtype, source: Float32Array, target: Uint8Array): void {
  const spans = Math.ceil(source.length / SPAN);
  kernels.call(`encode_${dtype.toLowerCase()}`, 0, spans, source, output(target), source.length);
}
