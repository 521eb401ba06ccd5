import { html, nothing, type TemplateResult } from "lit";
import type { RequestFailure } from "../protocol/envelope.js";
import { RequestError } from "../protocol/request-error.js";
import { failureOf as failureOfError } from "../protocol/request-failure.js";
import { t } from "./texts.js";
import { visibleText } from "./visible-text.js";

/** The failure in what a request threw; a fault of the page itself has the code "page/fault". */
export function failureOf(error: unknown): RequestFailure {
  return failureOfError(error, "page/fault");
}

/** True where the page itself took the request back: nothing is to be shown. */
export function isCancelled(error: unknown): boolean {
  return error instanceof RequestError && error.isCancelled;
}

/** What went wrong, its stable code, what to do, and a button that tries again. */
export function failureView(failure: RequestFailure, onRetry?: () => void): TemplateResult {
  return html`
    <div class="failure" role="alert" data-testid="failure">
      <p class="failure-message" data-testid="failure-message">${visibleText(failure.message, 2000)}</p>
      ${failure.remedy === undefined ? nothing : html`<p class="failure-remedy">${visibleText(failure.remedy, 2000)}</p>`}
      <p class="failure-code"><code data-testid="failure-code">${visibleText(failure.code)}</code></p>
      ${
        onRetry === undefined
          ? nothing
          : html`<button type="button" class="secondary" data-testid="retry" @click=${onRetry}>${t("Retry")}</button>`
      }
    </div>
  `;
}
