import { checkRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { addSums } from "./add-sums.js";
import { mean } from "./mean.js";

/**
 * With r = √(mean(x²) + epsilon), n = x/r and g = weight ∘ dy: `dx += (g − n · mean(g ∘ n)) / r`, `dWeight += Σ dy ∘ n`.
 */
export const rmsNormGradient: KernelOps["rmsNormGradient"] = (x, weight, epsilon, dy, dx, dWeight) => {
  checkRows("rmsNormGradient", x, { dy, dx }, { weight, dWeight });
  const { values, rows, columns } = x;
  const weightSums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const root = Math.sqrt(mean(columns, (i) => values[from + i]! ** 2) + epsilon);
    const normal = (i: number) => values[from + i]! / root;
    const shared = mean(columns, (i) => weight[i]! * dy[from + i]! * normal(i));
    for (let i = 0; i < columns; i++) {
      dx[from + i]! += (weight[i]! * dy[from + i]! - normal(i) * shared) / root;
      weightSums[i]! += dy[from + i]! * normal(i);
    }
  }
  addSums(weightSums, dWeight);
};
