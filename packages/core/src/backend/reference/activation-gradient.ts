import { checkAlike } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { ACTIVATION_FUNCTIONS } from "./activation-functions.js";

/** `dx += f'(x) ∘ dy`. */
export const activationGradient: KernelOps["activationGradient"] = (kind, x, dy, dx) => {
  checkAlike("activationGradient", x, { dy, dx });
  const { derivative } = ACTIVATION_FUNCTIONS[kind];
  for (let i = 0; i < x.length; i++) dx[i]! += derivative(x[i]!) * dy[i]!;
};
