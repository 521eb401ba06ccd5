import type { StatisticKind } from "@lowbit/core/quantizers";
import type { Collector, InputStatisticKind } from "./collector.js";
import { gradientAbs } from "./gradient-abs.js";
import type { GradientCollector, GradientStatisticKind } from "./gradient-collector.js";
import { gradientSquare } from "./gradient-square.js";
import { hessian } from "./hessian.js";
import { meanAbs } from "./mean-abs.js";
import { meanSquare } from "./mean-square.js";

/** Every statistic of inputs. */
export const INPUT_COLLECTORS: Readonly<Record<InputStatisticKind, Collector>> = {
  hessian,
  "mean-abs": meanAbs,
  "mean-square": meanSquare,
};

/** Every statistic of weight gradients. */
export const GRADIENT_COLLECTORS: Readonly<Record<GradientStatisticKind, GradientCollector>> = {
  "gradient-abs": gradientAbs,
  "gradient-square": gradientSquare,
};

export function inputKinds(kinds: readonly StatisticKind[]): readonly InputStatisticKind[] {
  return kinds.filter((kind): kind is InputStatisticKind => kind in INPUT_COLLECTORS);
}

export function gradientKinds(kinds: readonly StatisticKind[]): readonly GradientStatisticKind[] {
  return kinds.filter((kind): kind is GradientStatisticKind => kind in GRADIENT_COLLECTORS);
}
