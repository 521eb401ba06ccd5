import { checkHistogram } from "../check-statistics.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function histogramFloats(kernels: KernelCaller, values: Float32Array, counts: Uint32Array): void {
  checkHistogram(counts);
  kernels.call("histogram_floats", values, values.length, output(counts));
}
