import type { GradientCollector } from "./gradient-collector.js";

/** Mean (∂loss/∂w)² over samples: the diagonal of the empirical Fisher information. */
export const gradientSquare: GradientCollector = {
  kind: "gradient-square",
  add(gradient, weight, sums) {
    for (let i = 0; i < gradient.length; i++) sums[i]! += weight * gradient[i]! * gradient[i]!;
  },
};
