import { checkRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { mean } from "./mean.js";

/** `y = weight ∘ (x − mean(x)) / √(variance(x) + epsilon) + bias`, per row. */
export const layerNorm: KernelOps["layerNorm"] = (x, weight, bias, epsilon, y) => {
  checkRows("layerNorm", x, { y }, { weight, bias });
  const { values, rows, columns } = x;
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const center = mean(columns, (i) => values[from + i]!);
    const root = Math.sqrt(mean(columns, (i) => (values[from + i]! - center) ** 2) + epsilon);
    for (let i = 0; i < columns; i++) {
      y[from + i] = (weight[i]! * (values[from + i]! - center)) / root + (bias?.[i] ?? 0);
    }
  }
};
