import { checkHistogram } from "../check-statistics.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function histogram16(kernels: KernelCaller, source: Uint8Array, counts: Uint32Array): void {
  checkHistogram(counts);
  kernels.call("histogram16", source, Math.floor(source.length / 2), output(counts));
}
