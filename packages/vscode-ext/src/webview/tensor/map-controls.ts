import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { OutlierRuleSetting } from "../../protocol/settings.js";
import type { MapColorsName } from "../outlier-map/map-colors.js";
import { MAP_SHADINGS, type MapShading, shadingLabel } from "../outlier-map/map-shading.js";
import { t } from "../texts.js";
import { beginRule, type RuleKind, ruleAt, ruleNumber, ruleOf, ruleSlider } from "./rule-slider.js";

export interface MapControlsState {
  readonly shading: MapShading;
  /** Why a shading cannot be chosen. */
  readonly unavailable: Partial<Record<MapShading, string>>;
  readonly rule: OutlierRuleSetting;
  readonly threshold: number | undefined;
  readonly absMaximum: number;
  readonly colors: MapColorsName;
  readonly logarithmicMap: boolean;
  readonly rangeOfWindow: boolean;
  readonly markOutliers: boolean;
  readonly canExport: boolean;
}

export interface MapControlsChange {
  readonly shading?: MapShading;
  readonly rule?: OutlierRuleSetting;
  readonly colors?: MapColorsName;
  readonly logarithmicMap?: boolean;
  readonly rangeOfWindow?: boolean;
  readonly markOutliers?: boolean;
}

const COLORS: readonly MapColorsName[] = ["theme", "viridis", "grey"];
const RULES: readonly RuleKind[] = ["sigma", "quantile", "absolute"];

/** What the map shows and what counts as an outlier. */
export function mapControls(
  state: MapControlsState,
  onChange: (change: MapControlsChange) => void,
  onExport: () => void,
): TemplateResult {
  const { rule, absMaximum } = state;
  const slider = ruleSlider(rule, absMaximum);
  const target = (event: Event): HTMLInputElement => event.currentTarget as HTMLInputElement;
  return html`
    <div class="toolbar map-controls">
      <label
        >${t("Colour")}
        <select data-testid="map-quantity" @change=${(event: Event) => onChange({ shading: target(event).value as MapShading })}>
          ${MAP_SHADINGS.map((shading) => {
            const reason = state.unavailable[shading];
            return html`<option value=${shading} .selected=${live(shading === state.shading)} ?disabled=${reason !== undefined} title=${reason ?? nothing}>${shadingLabel(shading)}</option>`;
          })}
        </select>
      </label>
      <label
        >${t("Colours")}
        <select data-testid="map-colors" @change=${(event: Event) => onChange({ colors: target(event).value as MapColorsName })}>
          ${COLORS.map((name) => html`<option value=${name} .selected=${live(name === state.colors)}>${colorsLabel(name)}</option>`)}
        </select>
      </label>
      <label class="check"
        ><input type="checkbox" data-testid="map-logarithmic" ?disabled=${state.shading === "sign" || state.shading === "outliers"} .checked=${live(state.logarithmicMap)} @change=${(event: Event) => onChange({ logarithmicMap: target(event).checked })} />${t("Logarithmic colours")}</label
      >
      <label class="check"
        ><input type="checkbox" data-testid="map-range" .checked=${live(state.rangeOfWindow)} @change=${(event: Event) => onChange({ rangeOfWindow: target(event).checked })} />${t("Range of what is shown")}</label
      >
      <label class="check"
        ><input type="checkbox" data-testid="map-markers" .checked=${live(state.markOutliers)} @change=${(event: Event) => onChange({ markOutliers: target(event).checked })} />${t("Mark outliers")}</label
      >
      <button type="button" class="secondary compact" data-testid="map-export" aria-disabled=${state.canExport ? "false" : "true"} @click=${() => (state.canExport ? onExport() : undefined)}>${t("Save as PNG…")}</button>
    </div>
    <div class="toolbar map-controls">
      <label
        >${t("Outliers beyond")}
        <select data-testid="map-rule" @change=${(event: Event) => onChange({ rule: beginRule(target(event).value as RuleKind, state.threshold) })}>
          ${RULES.map((kind) => html`<option value=${kind} .selected=${live(kind === rule.kind)}>${ruleLabel(kind)}</option>`)}
        </select>
      </label>
      <input
        type="range"
        data-testid="map-threshold-slider"
        aria-label=${ruleLabel(rule.kind)}
        aria-valuetext=${String(ruleNumber(rule))}
        min=${slider.minimum}
        max=${slider.maximum}
        step=${slider.step}
        .value=${String(slider.position)}
        @input=${(event: Event) => onChange({ rule: ruleAt(rule.kind, target(event).valueAsNumber, absMaximum) })}
      />
      <input
        type="number"
        class="map-threshold"
        data-testid="map-threshold"
        aria-label=${t("{0}, as a number", ruleLabel(rule.kind))}
        min="0"
        max=${rule.kind === "quantile" ? "1" : nothing}
        step="any"
        .value=${String(ruleNumber(rule))}
        @change=${(event: Event) => onChange({ rule: ruleOf(rule.kind, target(event).valueAsNumber) })}
      />
    </div>
  `;
}

function ruleLabel(kind: RuleKind): string {
  if (kind === "sigma") return t("factor × σ");
  return kind === "quantile" ? t("quantile of |w|") : t("threshold for |w|");
}

function colorsLabel(name: MapColorsName): string {
  if (name === "theme") return t("of the theme");
  return name === "viridis" ? t("viridis") : t("grey");
}
