import { checkAlike } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { ACTIVATION_FUNCTIONS } from "./activation-functions.js";

/** `y = f(x)`. */
export const activation: KernelOps["activation"] = (kind, x, y) => {
  checkAlike("activation", x, { y });
  const { value } = ACTIVATION_FUNCTIONS[kind];
  for (let i = 0; i < x.length; i++) y[i] = value(x[i]!);
};
