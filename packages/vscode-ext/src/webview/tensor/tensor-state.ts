import type { OutlierRuleSetting } from "../../protocol/settings.js";
import type { WeightSide } from "../../protocol/tensor-messages.js";
import type { MapColorsName } from "../outlier-map/map-colors.js";
import { MAP_SHADINGS, type MapShading } from "../outlier-map/map-shading.js";
import type { MatrixCell, MatrixViewport } from "../outlier-map/matrix-viewport.js";
import { ruleOf } from "./rule-slider.js";

/** What the page Tensor finds again after other pages, hidden tabs and reload. */
export interface TensorState {
  /** The weight that viewport, cursor and side are about. */
  readonly weight?: string;
  readonly viewport?: MatrixViewport;
  readonly cursor?: MatrixCell;
  /** The comparison that the error map was opened with by itself: that happens once for each. */
  readonly comparedWith?: string;
  readonly side: WeightSide;
  readonly shading: MapShading;
  /** The settings' rule and colours when absent. */
  readonly rule?: OutlierRuleSetting;
  readonly colors?: MapColorsName;
  /** Absent: where the largest weight is far out. */
  readonly logarithmicMap?: boolean;
  readonly rangeOfWindow: boolean;
  readonly markOutliers: boolean;
  readonly logarithmicCounts: boolean;
  readonly scrollTop: number;
}

export const BEGIN_STATE: TensorState = {
  side: { kind: "own" },
  shading: "sigma",
  rangeOfWindow: false,
  markOutliers: false,
  logarithmicCounts: false,
  scrollTop: 0,
};

/** What was kept, as far as it has the shape of today; an older version, or nobody, may have written it. */
export function readTensorState(kept: unknown): TensorState {
  const found = record(kept);
  const viewport = numbers(found["viewport"], ["row", "rows", "column", "columns"]);
  const cursor = numbers(found["cursor"], ["row", "column"]);
  const rule = readRule(found["rule"]);
  const { weight, comparedWith, shading, colors, logarithmicMap, scrollTop } = found;
  const flag = (name: "rangeOfWindow" | "markOutliers" | "logarithmicCounts"): boolean =>
    typeof found[name] === "boolean" ? found[name] : BEGIN_STATE[name];
  return {
    ...(typeof weight === "string" ? { weight } : {}),
    ...(typeof comparedWith === "string" ? { comparedWith } : {}),
    ...(viewport === undefined ? {} : { viewport: viewport as unknown as MatrixViewport }),
    ...(cursor === undefined ? {} : { cursor: cursor as unknown as MatrixCell }),
    ...(rule === undefined ? {} : { rule }),
    ...(colors === "theme" || colors === "viridis" || colors === "grey" ? { colors } : {}),
    ...(typeof logarithmicMap === "boolean" ? { logarithmicMap } : {}),
    side: readSide(found["side"]),
    shading: MAP_SHADINGS.includes(shading as MapShading) ? (shading as MapShading) : BEGIN_STATE.shading,
    rangeOfWindow: flag("rangeOfWindow"),
    markOutliers: flag("markOutliers"),
    logarithmicCounts: flag("logarithmicCounts"),
    scrollTop: typeof scrollTop === "number" && scrollTop > 0 ? scrollTop : 0,
  };
}

/** The same preferences for another weight: where one was and whose values are of the old one. */
export function stateOfWeight(state: TensorState, weight: string): TensorState {
  if (state.weight === weight) return state;
  const { viewport: _viewport, cursor: _cursor, ...preferences } = state;
  const side: WeightSide = state.side.kind === "trial" ? { kind: "own" } : state.side;
  return { ...preferences, weight, side, scrollTop: 0 };
}

function readSide(side: unknown): WeightSide {
  const { kind, trial } = record(side);
  if (kind === "compared") return { kind };
  return kind === "trial" && typeof trial === "string" ? { kind, trial } : { kind: "own" };
}

function readRule(rule: unknown): OutlierRuleSetting | undefined {
  const { kind, factor, share, threshold } = record(rule);
  if (kind === "sigma" && typeof factor === "number") return ruleOf(kind, factor);
  if (kind === "quantile" && typeof share === "number") return ruleOf(kind, share);
  return kind === "absolute" && typeof threshold === "number" ? ruleOf(kind, threshold) : undefined;
}

function numbers(value: unknown, names: readonly string[]): Record<string, number> | undefined {
  const found = record(value);
  if (!names.every((name) => Number.isFinite(found[name]) && (found[name] as number) >= 0)) return undefined;
  return Object.fromEntries(names.map((name) => [name, found[name] as number]));
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
