import { html, nothing, type TemplateResult } from "lit";
import type { TrialResult } from "../../protocol/trial-messages.js";
import { failureView } from "../failure-view.js";
import { formatBits, formatBytes, formatCosine, formatReal } from "../format-figures.js";
import { progressView } from "../progress-view.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { bestTrials, FIGURE_KEYS, type FigureKey } from "./best-figures.js";
import type { TrialCard } from "./trial-board.js";

export interface TrialCardView {
  readonly card: TrialCard;
  /** False where the form has changed since. */
  readonly isOfForm: boolean;
  /** "A": its letter in chart and table. */
  readonly letter: string;
  /** "rtn, 4 bits, group 32" */
  readonly label: string;
  /** Every finished result, for the marks of the best. */
  readonly results: readonly TrialResult[];
  readonly canPin: boolean;
  onPin(): void;
  onUse(): void;
  onRemove(): void;
  onRetry(): void;
  onCancel(): void;
}

/** One setting: figures, histogram, error map, and what can be done with it. */
export function trialCard(view: TrialCardView): TemplateResult {
  const { card, letter, label, canPin, isOfForm } = view;
  const { phase, result, isPinned } = card;
  const isStale = result !== undefined && phase !== "done";
  return html`
    <article
      class="trial-card ${isPinned ? "pinned" : "current"}"
      data-testid="try-result"
      data-key=${card.key}
      data-phase=${phase}
      data-trial=${result?.trial ?? nothing}
      aria-busy=${phase === "waiting" || phase === "running" ? "true" : "false"}
      aria-labelledby="trial-${card.key}-name"
    >
      <header>
        <h3 id="trial-${card.key}-name"><span class="trial-letter">${letter}</span> ${visibleText(label, 200)}</h3>
        <p class="muted">${isPinned ? t("pinned") : isOfForm ? t("setting of the form") : t("the form has changed since")}</p>
      </header>
      <div class="trial-buttons">
        ${
          isPinned
            ? html`<button type="button" class="secondary compact" @click=${view.onUse}>${t("Use in form")}</button>`
            : html`<button
                type="button"
                class="secondary compact"
                data-testid="try-pin"
                ?disabled=${!canPin}
                title=${t("Keeps it beside the settings that you try next; three at most.")}
                @click=${view.onPin}
              >
                ${t("Pin")}
              </button>`
        }
        <button
          type="button"
          class="secondary compact"
          data-testid="try-remove"
          aria-label=${t("Remove {0}", label)}
          @click=${view.onRemove}
        >
          ${t("Remove")}
        </button>
      </div>
      ${state(view)}
      <div class="trial-body" ?inert=${isStale} ?hidden=${result === undefined}>
        ${result === undefined ? nothing : figures(view, result, isStale)}
        <div class="trial-histogram"></div>
        <div class="trial-map"></div>
      </div>
    </article>
  `;
}

function state({ card, label, onRetry, onCancel }: TrialCardView): TemplateResult | typeof nothing {
  switch (card.phase) {
    case "waiting":
      return html`<p class="muted">${t("Waiting…")}</p>`;
    case "running":
      return html`<div data-testid="try-progress">
        ${progressView(t("Trying {0}", label), card.progress, onCancel)}
      </div>`;
    case "cancelled":
      return html`<p class="muted">
        ${t("Cancelled.")}
        <button type="button" class="secondary compact" @click=${onRetry}>${t("Run")}</button>
      </p>`;
    case "failed":
      return card.failure === undefined ? nothing : failureView(card.failure, onRetry);
    case "done":
      return nothing;
  }
}

interface FigureRow {
  readonly name: string;
  readonly text: (result: TrialResult) => string;
  readonly testId?: string;
}

/** How each figure is named and written. */
function figureRows(): Readonly<Record<FigureKey, FigureRow>> {
  return {
    storedBitsPerWeight: {
      name: t("Bits per weight, stored"),
      text: ({ storedBitsPerWeight }) => formatBits(storedBitsPerWeight),
      testId: "try-bpw",
    },
    claimedBitsPerWeight: {
      name: t("Bits per weight, claimed"),
      text: ({ claimedBitsPerWeight }) => formatBits(claimedBitsPerWeight),
    },
    sqnrDb: { name: t("SQNR"), text: ({ sqnrDb }) => `${formatReal(sqnrDb)} dB`, testId: "try-sqnr" },
    cosineSimilarity: {
      name: t("Cosine"),
      text: ({ cosineSimilarity }) => formatCosine(cosineSimilarity),
    },
    relativeError: { name: t("Relative error"), text: ({ relativeError }) => formatReal(relativeError) },
    maximumError: { name: t("Largest error"), text: ({ maximumError }) => formatReal(maximumError) },
    seconds: { name: t("Time"), text: ({ seconds }) => t("{0} s", formatReal(seconds)) },
  };
}

function figures({ results }: TrialCardView, result: TrialResult, isStale: boolean): TemplateResult {
  const rows = figureRows();
  return html`<dl class="trial-figures">
    ${FIGURE_KEYS.map((key) => {
      const { name, text, testId } = rows[key];
      const isBest = !isStale && bestTrials(results, key).has(result.trial);
      return html`<div class=${isBest ? "best" : nothing}>
        <dt>${name}</dt>
        <dd data-testid=${testId ?? nothing}>${text(result)}</dd>
        ${
          isBest
            ? html`<dd class="best-mark" title=${t("best")}>
              <span aria-hidden="true">★</span><span class="visually-hidden">${t("best")}</span>
            </dd>`
            : nothing
        }
      </div>`;
    })}
    <div>
      <dt>${t("Size")}</dt>
      <dd>${formatBytes(result.storedBytes)}</dd>
    </div>
  </dl>`;
}
