import { html, nothing, type TemplateResult } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { TensorFacts } from "../../protocol/tensor-messages.js";
import { failureView } from "../failure-view.js";
import { formatBits, formatLarge, formatShape } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

export interface TryTemplateState {
  readonly weight: string | undefined;
  readonly facts: TensorFacts | undefined;
  readonly failure: RequestFailure | undefined;
  readonly onRetry: () => void;
  /** Form and results; asked for where the weight can be quantized. */
  readonly workbench: () => TemplateResult;
}

/** What stands under the weight picker: nothing chosen, on its way, failed, or the workbench. */
export function tryTemplate(state: TryTemplateState): TemplateResult {
  return html`<h2>${t("Try a quantization")}</h2>
    ${content(state)}`;
}

function content({ weight, facts, failure, onRetry, workbench }: TryTemplateState): TemplateResult {
  if (weight === undefined)
    return html`<p>${t("Choose a weight: each setting is tried on it in memory, nothing is written.")}</p>`;
  if (facts === undefined)
    return failure === undefined ? html`<p class="muted">${t("Loading…")}</p>` : failureView(failure, onRetry);
  return html`
    <p class="muted">
      ${formatShape(facts.shape)}, ${visibleText(facts.storage)},
      ${t("{0} parameters, {1} bits per weight now", formatLarge(facts.parameters), formatBits(facts.storedBitsPerWeight))}
    </p>
    ${facts.hasValues ? workbench() : html`<p>${t("It holds no real numbers: there is nothing to quantize.")}</p>`}
  `;
}

export interface TryWorkbenchState {
  readonly form: TemplateResult | typeof nothing;
  readonly actions: TemplateResult;
  readonly failure: RequestFailure | undefined;
  readonly cards: unknown;
  readonly hasCards: boolean;
  /** Two results at least: there is something to compare. */
  readonly canCompare: boolean;
  readonly chart: TemplateResult | typeof nothing;
}

export function tryWorkbench(state: TryWorkbenchState): TemplateResult {
  return html`
    <div class="try-columns">
      <section class="try-form" aria-label=${t("Setting")}>
        <h3>${t("Setting")}</h3>
        ${state.form}
      </section>
      <section class="try-results" aria-label=${t("Results")}>
        <h3>${t("Results")}</h3>
        ${state.actions} ${state.failure === undefined ? nothing : failureView(state.failure)}
        ${state.hasCards ? nothing : html`<p class="muted">${t("No result yet: run the setting of the form.")}</p>`}
        ${state.canCompare ? html`<p class="muted">${t("★ marks the best value of each figure. The error maps share one colour scale.")}</p>` : nothing}
        <div class="trial-cards">${state.cards}</div>
        ${state.chart}
      </section>
    </div>
  `;
}
