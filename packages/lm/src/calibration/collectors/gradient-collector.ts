import type { StatisticKind, StatisticValues } from "@lowbit/core/quantizers";

/** Statistics of weight gradients. */
export type GradientStatisticKind = Extract<StatisticKind, "gradient-abs" | "gradient-square">;

/** A kind of statistic of weight gradients: one value a weight. */
export interface GradientCollector {
  readonly kind: GradientStatisticKind;
  /** Adds the share of one sample, `weight` = 1 / samples. */
  add(gradient: Float32Array, weight: number, sums: StatisticValues): void;
}
