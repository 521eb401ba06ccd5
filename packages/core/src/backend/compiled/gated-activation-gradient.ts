import { checkAlike } from "../check-layers.js";
import type { ActivationKind } from "../ops/layer-ops.js";
import { elementSpans } from "./dtype-span.js";
import { type KernelCaller, output } from "./kernel-caller.js";
import { ACTIVATION_NUMBER } from "./kernel-enums.js";

export function gatedActivationGradient(
  kernels: KernelCaller,
  kind: ActivationKind,
  gate: Float32Array,
  up: Float32Array,
  dy: Float32Array,
  dGate: Float32Array,
  dUp: Float32Array,
): void {
  checkAlike("gatedActivationGradient", gate, { up, dy, dGate, dUp });
  const { length } = gate;
  kernels.call(
    "gated_activation_gradient",
    0,
    elementSpans(length),
    gate,
    up,
    dy,
    output(dGate),
    output(dUp),
    length,
    ACTIVATION_NUMBER[kind],
  );
}
