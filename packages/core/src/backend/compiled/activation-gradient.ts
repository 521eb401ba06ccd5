import { checkAlike } from "../check-layers.js";
import type { ActivationKind } from "../ops/layer-ops.js";
import { elementSpans } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { ACTIVATION_NUMBER } from "./kernel-enums.js";

export function activationGradient(
  kernels: KernelCaller,
  kind: ActivationKind,
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  checkAlike("activationGradient", x, { dy, dx });
  const { length } = x;
  kernels.call("activation_gradient", 0, elementSpans(length), x, dy, output(dx), length, ACTIVATION_NUMBER[kind]);
}
