import { checkRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";

/** `y[row, ·] += bias`. */
export const addBias: KernelOps["addBias"] = (bias, y) => {
  checkRows("addBias", y, {}, { bias });
  for (let i = 0; i < y.values.length; i++) y.values[i]! += bias[i % y.columns]!;
};
