import type { OutlierRuleSetting } from "../../protocol/settings.js";

/** How the threshold of a rule is set by a slider, and by a number. */
export interface RuleSlider {
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  readonly position: number;
}

export type RuleKind = OutlierRuleSetting["kind"];

/** The number of a rule: factor, share or threshold. */
export function ruleNumber(rule: OutlierRuleSetting): number {
  if (rule.kind === "sigma") return rule.factor;
  return rule.kind === "quantile" ? rule.share : rule.threshold;
}

/** The rule with this number, brought into the range that it may have. */
export function ruleOf(kind: RuleKind, number: number): OutlierRuleSetting {
  const positive = number > 0 ? Math.min(number, Number.MAX_VALUE) : 0;
  if (kind === "sigma") return { kind, factor: positive };
  if (kind === "quantile") return { kind, share: Math.min(positive, 1) };
  return { kind, threshold: positive };
}

/** A rule of another kind to begin with; an absolute one begins at the threshold that was in force. */
export function beginRule(kind: RuleKind, threshold: number | undefined): OutlierRuleSetting {
  if (kind === "sigma") return { kind, factor: 6 };
  return kind === "quantile" ? { kind, share: 0.999 } : { kind, threshold: rounded(threshold ?? 1) };
}

/**
 * Slider of a rule. Shares are set by their distance from 1, absolute thresholds by their distance from the largest weight,
 * both in powers of ten: equal steps are equal factors.
 */
export function ruleSlider(rule: OutlierRuleSetting, absMaximum: number): RuleSlider {
  if (rule.kind === "sigma") return { minimum: 1, maximum: 30, step: 0.5, position: within(rule.factor, 1, 30) };
  if (rule.kind === "quantile") {
    return {
      minimum: 1,
      maximum: 6,
      step: 0.1,
      position: within(-Math.log10(1 - Math.min(rule.share, 1 - 1e-6)), 1, 6),
    };
  }
  const decades = Math.log10(Math.max(rule.threshold, 1e-300) / (absMaximum > 0 ? absMaximum : 1));
  return { minimum: -4, maximum: 0, step: 0.05, position: within(decades, -4, 0) };
}

/** The rule at a position of its slider. */
export function ruleAt(kind: RuleKind, position: number, absMaximum: number): OutlierRuleSetting {
  if (kind === "sigma") return ruleOf(kind, position);
  if (kind === "quantile") return ruleOf(kind, Number((1 - 10 ** -position).toPrecision(7)));
  return ruleOf(kind, rounded((absMaximum > 0 ? absMaximum : 1) * 10 ** position));
}

/** The threshold, where it follows from what is known; a quantile is known to the engine alone. */
export function localThreshold(rule: OutlierRuleSetting, std: number | undefined): number | undefined {
  if (rule.kind === "absolute") return rule.threshold;
  return rule.kind === "sigma" && std !== undefined ? rule.factor * std : undefined;
}

function within(value: number, least: number, most: number): number {
  return value > least ? Math.min(value, most) : least;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
