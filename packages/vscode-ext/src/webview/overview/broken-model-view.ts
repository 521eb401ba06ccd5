import { html, nothing, type TemplateResult } from "lit";
import type { BrokenModel, FileProblem } from "../../protocol/overview-messages.js";
import { formatBytes, formatCount } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

/** The page of a file that is no model: what is wrong, where it stands, what to do. There is nothing else to show. */
export function brokenModelView(model: BrokenModel, onRetry: () => void): TemplateResult {
  return html`
    <div class="page broken" data-testid="page-overview" aria-busy="false">
      <h1>${t("{0} is not a model that can be shown", visibleText(model.name, 120))}</h1>
      ${model.fileBytes === undefined ? nothing : html`<p class="muted">${formatBytes(model.fileBytes)} (${t("{0} bytes", formatCount(model.fileBytes))})</p>`}
      ${problemList(model.problems)}
      <button type="button" class="secondary" data-testid="retry" @click=${onRetry}>${t("Read again")}</button>
    </div>
  `;
}

/** Problems of headers, in the order of the file. */
function problemList(problems: readonly FileProblem[]): TemplateResult {
  return html`
    <ol class="problems" data-testid="problems" aria-label=${t("Problems")}>
      ${problems.map(
        (problem) => html`
          <li class="problem" data-testid="problem">
            <p class="problem-message" data-testid="problem-message">${visibleText(problem.message, 2000)}</p>
            <p class="problem-remedy" data-testid="problem-remedy">${visibleText(problem.remedy, 2000)}</p>
            <p class="problem-place muted">
              <code data-testid="problem-code">${visibleText(problem.code)}</code>
              <span>${visibleText(problem.file, 200)}</span>
              ${
                problem.byteOffset === undefined
                  ? nothing
                  : html`<span data-testid="problem-offset">${t(
                      "at byte {0} ({1})",
                      formatCount(problem.byteOffset),
                      `0x${problem.byteOffset.toString(16)}`,
                    )}</span>`
              }
            </p>
          </li>
        `,
      )}
    </ol>
  `;
}
