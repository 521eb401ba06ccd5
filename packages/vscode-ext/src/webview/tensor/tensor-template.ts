import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { WorkProgress } from "../../protocol/request-map.js";
import type { Distribution, TensorFacts } from "../../protocol/tensor-messages.js";
import { failureView } from "../failure-view.js";
import { progressView } from "../progress-view.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { distributionTemplate } from "./distribution-facts.js";
import { tensorFactsTemplate } from "./tensor-facts.js";
import type { SideChoice } from "./weight-side.js";

/** One thing that the page asks for: on its way, here, or failed. */
export interface PartState {
  readonly progress?: WorkProgress | undefined;
  readonly failure?: RequestFailure | undefined;
  readonly isLoading: boolean;
  readonly retry: () => void;
}

export interface TensorTemplateState {
  readonly weight: string;
  readonly facts: TensorFacts | undefined;
  readonly distribution: Distribution | undefined;
  readonly parts: Readonly<Record<"facts" | "compare" | "distribution" | "profiles" | "scales", PartState>>;
  readonly sides: readonly SideChoice[];
  readonly sideKey: string;
  readonly onSide: (key: string) => void;
  readonly logarithmicCounts: boolean;
  readonly onLogarithmicCounts: (logarithmic: boolean) => void;
  readonly controls: TemplateResult;
  readonly statsLine: TemplateResult | typeof nothing;
  readonly mapLine: TemplateResult | typeof nothing;
  readonly levelsAt: string | undefined;
}

/** The frame of the page. The elements with class host-… belong to the pictures and are never touched from here. */
export function tensorTemplate(state: TensorTemplateState): TemplateResult {
  const { facts, parts, distribution } = state;
  const hasValues = facts?.hasValues === true;
  const values = hasValues ? "tensor-columns" : "tensor-columns tensor-hidden";
  return html`
    <div class="tensor-head">
      <div class="host-picker"></div>
      ${state.sides.length < 2 ? nothing : sideChoice(state)}
    </div>
    <h2 class="tensor-name" data-testid="tensor-name">${visibleText(state.weight)}</h2>
    ${parts.facts.failure === undefined ? nothing : failureView(parts.facts.failure, parts.facts.retry)}
    ${parts.compare.failure === undefined ? nothing : failureView(parts.compare.failure, parts.compare.retry)}
    ${facts === undefined ? nothing : tensorFactsTemplate(facts)}
    ${
      facts === undefined || facts.hasValues
        ? nothing
        : html`<p data-testid="no-values">${t("Weights of this storage are not numbers that can be drawn: there is no distribution and no map.")}</p>`
    }
    <div class=${values}>
      <div>
        <section aria-labelledby="tensor-map-heading">
          <h2 id="tensor-map-heading">${t("Outlier map")}</h2>
          ${state.controls}
          <div class="host-export"></div>
          <div class="host-map"></div>
          ${state.mapLine}
        </section>
        <section aria-labelledby="tensor-values-heading">
          <h2 id="tensor-values-heading">${t("Values")}</h2>
          <div class="host-values"></div>
        </section>
      </div>
      <div>
        <section aria-labelledby="tensor-histogram-heading">
          <h2 id="tensor-histogram-heading">${t("Distribution")}</h2>
          ${partView(t("Reading the weights"), parts.distribution)}
          <div class="toolbar">
            <label
              >${t("Counts")}
              <select data-testid="histogram-scale" @change=${(event: Event) => state.onLogarithmicCounts((event.currentTarget as HTMLSelectElement).value === "logarithmic")}>
                <option value="linear" .selected=${live(!state.logarithmicCounts)}>${t("linear")}</option>
                <option value="logarithmic" .selected=${live(state.logarithmicCounts)}>${t("logarithmic")}</option>
              </select>
            </label>
            ${state.levelsAt === undefined ? nothing : html`<span class="muted" data-testid="levels-at">${state.levelsAt}</span>`}
          </div>
          <div class="host-histogram"></div>
          ${distribution === undefined ? nothing : distributionTemplate(distribution)}
          ${state.statsLine}
        </section>
        <section aria-labelledby="tensor-profiles-heading">
          <h2 id="tensor-profiles-heading">${t("Profiles")}</h2>
          ${partView(t("Reading rows and columns"), parts.profiles)}
          <h3>${t("Rows")}</h3>
          <div class="host-rows"></div>
          <h3>${t("Columns")}</h3>
          <div class="host-columns"></div>
        </section>
        <section aria-labelledby="tensor-scales-heading" class=${hasScales(state) ? "" : "tensor-hidden"}>
          <h2 id="tensor-scales-heading">${t("Scales of groups")}</h2>
          ${partView(t("Reading the scales"), parts.scales)}
          <div class="host-scales"></div>
        </section>
      </div>
    </div>
  `;
}

/** Own weights that are not quantized have none; a trial has. */
function hasScales({ facts, sideKey }: TensorTemplateState): boolean {
  return facts?.isQuantized === true || sideKey.startsWith("trial");
}

function sideChoice({ sides, sideKey, onSide }: TensorTemplateState): TemplateResult {
  return html`<label
    >${t("Values of")}
    <select data-testid="tensor-side" @change=${(event: Event) => onSide((event.currentTarget as HTMLSelectElement).value)}>
      ${sides.map(({ key, label }) => html`<option value=${key} .selected=${live(key === sideKey)}>${label}</option>`)}
    </select>
  </label>`;
}

function partView(title: string, { isLoading, progress, failure, retry }: PartState): TemplateResult | typeof nothing {
  if (failure !== undefined) return failureView(failure, retry);
  return isLoading ? progressView(title, progress) : nothing;
}
