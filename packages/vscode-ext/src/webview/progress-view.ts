import { html, nothing, type TemplateResult } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import type { WorkProgress } from "../protocol/request-map.js";
import { t } from "./texts.js";
import { visibleText } from "./visible-text.js";

/** A bar with what is being done, and a button that stops it. `progress` is absent before the first report. */
export function progressView(title: string, progress: WorkProgress | undefined, onCancel?: () => void): TemplateResult {
  const share = progress === undefined || progress.total === 0 ? undefined : progress.done / progress.total;
  return html`
    <div class="work" data-testid="progress">
      <progress
        class="work-bar"
        aria-label=${title}
        max="1"
        value=${ifDefined(share)}
      ></progress>
      <span class="work-label"
        >${title}${
          progress === undefined
            ? nothing
            : html` <span class="figure">${progress.done}/${progress.total}</span> ${visibleText(progress.label, 80)}${
                progress.etaSeconds === undefined
                  ? nothing
                  : html` <span class="muted">${t("{0} s left", Math.ceil(progress.etaSeconds))}</span>`
              }`
        }</span
      >
      ${
        onCancel === undefined
          ? nothing
          : html`<button type="button" class="secondary" data-testid="cancel" @click=${onCancel}>${t("Cancel")}</button>`
      }
    </div>
  `;
}
