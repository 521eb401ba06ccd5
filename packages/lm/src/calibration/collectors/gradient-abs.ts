import type { GradientCollector } from "./gradient-collector.js";

/** Mean |∂loss/∂w| over samples: GWQ's score of outliers. */
export const gradientAbs: GradientCollector = {
  kind: "gradient-abs",
  add(gradient, weight, sums) {
    for (let i = 0; i < gradient.length; i++) sums[i]! += weight * Math.abs(gradient[i]!);
  },
};
