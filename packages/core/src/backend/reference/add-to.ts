import { checkAlike } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";

/** `y += x`. */
export const addTo: KernelOps["addTo"] = (x, y) => {
  checkAlike("addTo", x, { y });
  for (let i = 0; i < x.length; i++) y[i]! += x[i]!;
};
