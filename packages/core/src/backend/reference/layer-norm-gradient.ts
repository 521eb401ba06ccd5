import { checkRows } from "../check-layers.js";
import type { KernelOps } from "../kernel-backend.js";
import { addSums } from "./add-sums.js";
import { mean } from "./mean.js";

/**
 * With r = √(variance(x) + epsilon), n = (x − mean(x))/r and g = weight ∘ dy:
 * `dx += (g − mean(g) − n · mean(g ∘ n)) / r`, `dWeight += Σ dy ∘ n`, `dBias += Σ dy`.
 */
export const layerNormGradient: KernelOps["layerNormGradient"] = (x, weight, epsilon, dy, dx, dWeight, dBias) => {
  checkRows("layerNormGradient", x, { dy, dx }, { weight, dWeight, dBias });
  const { values, rows, columns } = x;
  const weightSums = new Float64Array(columns);
  const biasSums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const center = mean(columns, (i) => values[from + i]!);
    const root = Math.sqrt(mean(columns, (i) => (values[from + i]! - center) ** 2) + epsilon);
    const normal = (i: number) => (values[from + i]! - center) / root;
    const weighted = (i: number) => weight[i]! * dy[from + i]!;
    const level = mean(columns, weighted);
    const shared = mean(columns, (i) => weighted(i) * normal(i));
    for (let i = 0; i < columns; i++) {
      dx[from + i]! += (weighted(i) - level - normal(i) * shared) / root;
      weightSums[i]! += dy[from + i]! * normal(i);
      biasSums[i]! += dy[from + i]!;
    }
  }
  addSums(weightSums, dWeight);
  if (dBias !== null) addSums(biasSums, dBias);
};
