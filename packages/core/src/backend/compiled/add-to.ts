import { checkAlike } from "../check-layers.js";
import { elementSpans } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function addTo(kernels: KernelCaller, x: Float32Array, y: Float32Array): void {
  checkAlike("addTo", x, { y });
  kernels.call("add_to", 0, elementSpans(x.length), x, output(y), x.length);
}
