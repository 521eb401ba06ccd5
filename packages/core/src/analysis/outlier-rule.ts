import { LowbitError } from "../errors/index.js";
import { quantile } from "./quantile.js";
import { magnitudeTable, type ValueTable } from "./value-table.js";

/** When a weight is an outlier: its magnitude exceeds a threshold, which is … */
export type OutlierRule =
  /** … `factor` standard deviations of the tensor. */
  | { readonly kind: "sigma"; readonly factor: number }
  /** … the quantile of |w| at `share` (0 to 1). */
  | { readonly kind: "quantile"; readonly share: number }
  /** … given. */
  | { readonly kind: "absolute"; readonly threshold: number };

export const DEFAULT_OUTLIER_RULE: OutlierRule = { kind: "sigma", factor: 6 };

/** The threshold of a rule for a tensor of this standard deviation and these values. */
export function outlierThreshold(rule: OutlierRule, std: number, table: ValueTable): number {
  switch (rule.kind) {
    case "sigma":
      return requireAtLeast0("factor", rule.factor) * std;
    case "quantile":
      if (!(rule.share >= 0 && rule.share <= 1)) throw invalid("share", rule.share, "0 to 1");
      return quantile(magnitudeTable(table), rule.share);
    case "absolute":
      return requireAtLeast0("threshold", rule.threshold);
  }
}

/** The rule in words, for tables and legends. */
export function describeOutlierRule(rule: OutlierRule): string {
  switch (rule.kind) {
    case "sigma":
      return `|w| > ${rule.factor} std`;
    case "quantile":
      return `|w| > quantile ${rule.share} of |w|`;
    case "absolute":
      return `|w| > ${rule.threshold}`;
  }
}

function requireAtLeast0(option: string, value: number): number {
  if (value >= 0) return value;
  throw invalid(option, value, "0 and more");
}

function invalid(option: string, value: number, allowed: string): LowbitError {
  return new LowbitError("analysis/invalid-option", `Outlier ${option} is ${value}; allowed is ${allowed}.`, {
    option,
    value,
  });
}
