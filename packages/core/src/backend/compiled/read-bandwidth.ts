import { BANDWIDTH_ROW, bandwidthRows } from "../check-multiply.js";
import type { KernelCaller } from "./kernel-caller.js";

export function readBandwidth(kernels: KernelCaller, source: Uint8Array): number {
  return kernels.call("read_bandwidth", 0, bandwidthRows(source), source, BANDWIDTH_ROW) | 0;
}
