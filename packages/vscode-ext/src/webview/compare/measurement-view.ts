import { html, nothing, type TemplateResult } from "lit";
import type { CompareWeightsPage } from "../../protocol/compare-messages.js";
import { formatCosine, formatReal } from "../format-figures.js";
import { progressView } from "../progress-view.js";
import { t } from "../texts.js";
import type { Comparison } from "./comparison.js";

export interface MeasurementView {
  readonly comparison: Pick<Comparison, "phase" | "progress" | "structure">;
  readonly overall: CompareWeightsPage["overall"] | undefined;
  onStop(): void;
  onMeasure(): void;
}

/** How far the measuring is, its buttons, and the figures over all weights. */
export function measurementView({ comparison, overall, onStop, onMeasure }: MeasurementView): TemplateResult {
  const { phase, progress, structure } = comparison;
  return html`
    <div class="toolbar compare-measure">
      ${
        phase === "running"
          ? html`<div data-testid="compare-progress">${progressView(t("Measuring weights"), progress)}</div>`
          : nothing
      }
      <button
        type="button"
        class="secondary"
        data-testid="compare-cancel"
        ?hidden=${phase !== "running"}
        @click=${onStop}
      >
        ${t("Cancel")}
      </button>
      <button type="button" data-testid="compare-run" ?hidden=${phase !== "stopped"} @click=${onMeasure}>
        ${t("Measure")}
      </button>
    </div>
    ${
      overall === undefined
        ? nothing
        : html`<p class="compare-overall" data-testid="compare-overall" tabindex="-1">
            ${phase === "complete" ? t("Over all weights:") : t("Over the weights measured so far:")}
            ${t(
              "SQNR {0} dB, relative error {1}, cosine {2}.",
              formatReal(overall.sqnrDb),
              formatReal(overall.relativeError),
              formatCosine(overall.cosineSimilarity),
            )}
            <span class="muted"
              >${
                structure?.reference === "right"
                  ? t("Errors are measured against the other checkpoint.")
                  : t("Errors are measured against this model.")
              }</span
            >
          </p>`
    }
  `;
}
