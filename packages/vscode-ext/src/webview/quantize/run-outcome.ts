import { html, nothing, type TemplateResult } from "lit";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import type { QuantizeRunState } from "./quantize-run.js";

/** How the run stands, or ended; why it failed is said beside its field or as a failure. */
export function runOutcome(state: QuantizeRunState, onOpen: (path: string) => void): TemplateResult | typeof nothing {
  switch (state.phase) {
    case "none":
    case "failed":
      return nothing;
    case "running":
      return html`<p class="quantize-outcome" tabindex="-1" data-testid="quantize-state" data-phase="running">
        ${t("Running. Progress, time left and Cancel are in the notification; what is done is in the lowbit output.")}
      </p>`;
    case "cancelled":
      return html`<p class="quantize-outcome" tabindex="-1" data-testid="quantize-state" data-phase="cancelled">
        ${t("Cancelled; the output was not made.")}
      </p>`;
    case "done":
      return html`<div class="quantize-outcome" tabindex="-1" data-testid="quantize-state" data-phase="done">
        <p>${t("Complete:")} <code>${visibleText(state.output, 500)}</code></p>
        <button type="button" class="secondary" @click=${() => onOpen(state.output)}>${t("Open result")}</button>
      </div>`;
  }
}

/** Stands instead of the form where models cannot be quantized. */
export function quantizeUnavailable(reason: string): TemplateResult {
  return html`<div class="quantize-unavailable" data-testid="quantize-unavailable">
    <p>${visibleText(reason, 1000)}</p>
    <p class="muted">${t("From a terminal: {0}", "lowbit quantize MODEL OUTPUT --method METHOD")}</p>
  </div>`;
}
