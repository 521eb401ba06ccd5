import { checkAlike } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { ACTIVATION_FUNCTIONS } from "./activation-functions.js";

/** `y = f(gate) ∘ up`. */
export const gatedActivation: KernelOps["gatedActivation"] = (kind, gate, up, y) => {
  checkAlike("gatedActivation", gate, { up, y });
  const { value } = ACTIVATION_FUNCTIONS[kind];
  for (let i = 0; i < gate.length; i++) y[i] = value(gate[i]!) * up[i]!;
};
