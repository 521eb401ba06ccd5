import type { ActivationKind } from "@lowbit/core/backend";
import type { Tensor } from "../forward/tensor.js";
import type { GradientContext } from "./gradient-context.js";

export function activationGradient(
  { tape, backend }: GradientContext,
  kind: ActivationKind,
  x: Tensor,
  dy: Tensor,
): void {
  const dx = tape.gradient(x);
  backend.activationGradient(kind, x.values, dy.values, dx.values);
}

export function gatedActivationGradient(
  { tape, backend }: GradientContext,
  kind: ActivationKind,
  gate: Tensor,
  up: Tensor,
  dy: Tensor,
): void {
  const [dGate, dUp] = [tape.gradient(gate), tape.gradient(up)];
  backend.gatedActivationGradient(kind, gate.values, up.values, dy.values, dGate.values, dUp.values);
}
