import type { AppearanceSettings, OutlierRuleSetting } from "../../protocol/settings.js";
import type { Distribution, TensorFacts } from "../../protocol/tensor-messages.js";
import type { MapColorsName } from "../outlier-map/map-colors.js";
import type { MapInput } from "../outlier-map/map-input.js";
import type { MapShading } from "../outlier-map/map-shading.js";
import { t } from "../texts.js";
import { localThreshold } from "./rule-slider.js";
import type { TensorState } from "./tensor-state.js";
import { errorPartner, type SideChoice, sideKey } from "./weight-side.js";

/** As `lowbit stats --outlier-map` decides it. */
const LINEAR_SIGMAS = 24;

/** A distribution, and whose it is: it stays on the page until the next one has come. */
export interface KnownDistribution {
  readonly distribution: Distribution;
  readonly side: TensorState["side"];
  readonly rule: OutlierRuleSetting;
}

/** What the page has been told by now, and what the user has chosen. */
export interface KnownTensor {
  readonly state: TensorState;
  readonly settings: AppearanceSettings;
  readonly sides: readonly SideChoice[];
  readonly facts: TensorFacts | undefined;
  readonly known: KnownDistribution | undefined;
}

export function ruleNow({ state, settings }: Pick<KnownTensor, "state" | "settings">): OutlierRuleSetting {
  return state.rule ?? settings.outlierRule;
}

export function colorsNow({ state, settings }: Pick<KnownTensor, "state" | "settings">): MapColorsName {
  return state.colors ?? settings.mapColors;
}

/** True where it is of the side that is shown, be it for another rule. */
function ofSide({ known, state }: KnownTensor): Distribution | undefined {
  return known !== undefined && sideKey(known.side) === sideKey(state.side) ? known.distribution : undefined;
}

function ofSideAndRule(tensor: KnownTensor): Distribution | undefined {
  const { known } = tensor;
  if (known === undefined || JSON.stringify(known.rule) !== JSON.stringify(ruleNow(tensor))) return undefined;
  return ofSide(tensor);
}

/** |w| beyond it is an outlier; undefined while it is not known. */
export function thresholdNow(tensor: KnownTensor): number | undefined {
  return localThreshold(ruleNow(tensor), ofSide(tensor)?.std) ?? ofSideAndRule(tensor)?.outlierThreshold;
}

/** Without a choice: where a few weights would leave nothing but dark to all others. */
export function isMapLogarithmic(tensor: KnownTensor): boolean {
  const { logarithmicMap } = tensor.state;
  if (logarithmicMap !== undefined) return logarithmicMap;
  const distribution = ofSide(tensor);
  return distribution !== undefined && distribution.absMaximum > LINEAR_SIGMAS * distribution.std;
}

/** Scales stand in quantized weights and in trials. */
export function hasGroups({ facts, state }: KnownTensor): boolean {
  return facts?.isQuantized === true || state.side.kind === "trial";
}

/** What cannot be shown of this weight, and why. */
export function unavailableShadings(tensor: KnownTensor): Partial<Record<MapShading, string>> {
  return {
    ...(hasGroups(tensor) ? {} : { scale: t("These weights have no groups.") }),
    ...(errorPartner(tensor.state.side, tensor.sides) === undefined
      ? { error: t("There is nothing to compare with: open a comparison or try a quantization.") }
      : {}),
  };
}

/** The other side of the error that is shown; undefined where none is. */
export function partnerNow({ state, sides }: KnownTensor): ReturnType<typeof errorPartner> {
  return state.shading === "error" ? errorPartner(state.side, sides) : undefined;
}

/** What the map is to show of a weight. */
export function mapInputOf(facts: TensorFacts, tensor: KnownTensor): MapInput {
  const { state } = tensor;
  const isWanted = unavailableShadings(tensor)[state.shading] === undefined;
  return {
    name: facts.name,
    side: state.side,
    ...(state.shading === "error" ? { against: partnerNow(tensor) } : {}),
    rows: facts.rows,
    columns: facts.columns,
    shading: isWanted ? state.shading : "sigma",
    std: ofSide(tensor)?.std ?? 0,
    threshold: thresholdNow(tensor),
    outlierCount: ofSideAndRule(tensor)?.outlierCount,
    colors: colorsNow(tensor),
    logarithmic: isMapLogarithmic(tensor),
    rangeOfWindow: state.rangeOfWindow,
    markOutliers: state.markOutliers,
  };
}
