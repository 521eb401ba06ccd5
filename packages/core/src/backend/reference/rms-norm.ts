import { checkRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { mean } from "./mean.js";

/** `y = weight ∘ x / √(mean(x²) + epsilon)`, per row. */
export const rmsNorm: KernelOps["rmsNorm"] = (x, weight, epsilon, y) => {
  checkRows("rmsNorm", x, { y }, { weight });
  const { values, rows, columns } = x;
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const root = Math.sqrt(mean(columns, (i) => values[from + i]! ** 2) + epsilon);
    for (let i = 0; i < columns; i++) y[from + i] = (weight[i]! * values[from + i]!) / root;
  }
};
