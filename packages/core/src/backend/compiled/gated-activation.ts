import { checkAlike } from "../check-layers.js";
import type { ActivationKind } from "../ops/layer-ops.js";
import { elementSpans } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { ACTIVATION_NUMBER } from "./kernel-enums.js";

export function gatedActivation(
  kernels: KernelCaller,
  kind: ActivationKind,
  gate: Float32Array,
  up: Float32Array,
  y: Float32Array,
): void {
  checkAlike("gatedActivation", gate, { up, y });
  const { length } = gate;
  kernels.call("gated_activation", 0, elementSpans(length), gate, up, output(y), length, ACTIVATION_NUMBER[kind]);
}
