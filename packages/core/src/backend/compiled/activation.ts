import { checkAlike } from "../check-layers.js";
import type { ActivationKind } from "../ops/layer-ops.js";
import { elementSpans } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { ACTIVATION_NUMBER } from "./kernel-enums.js";

export function activation(kernels: KernelCaller, kind: ActivationKind, x: Float32Array, y: Float32Array): void {
  checkAlike("activation", x, { y });
  kernels.call("activation", 0, elementSpans(x.length), x, output(y), x.length, ACTIVATION_NUMBER[kind]);
}
