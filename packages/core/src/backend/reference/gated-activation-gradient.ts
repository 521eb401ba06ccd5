import { checkAlike } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { ACTIVATION_FUNCTIONS } from "./activation-functions.js";

/** `dGate += f'(gate) ∘ up ∘ dy`, `dUp += f(gate) ∘ dy`. */
export const gatedActivationGradient: KernelOps["gatedActivationGradient"] = (kind, gate, up, dy, dGate, dUp) => {
  checkAlike("gatedActivationGradient", gate, { up, dy, dGate, dUp });
  const { value, derivative } = ACTIVATION_FUNCTIONS[kind];
  for (let i = 0; i < gate.length; i++) {
    dGate[i]! += derivative(gate[i]!) * up[i]! * dy[i]!;
    dUp[i]! += value(gate[i]!) * dy[i]!;
  }
};
