import { html, nothing, type TemplateResult } from "lit";
import type { ComparedStructure, StructureDifferenceLine } from "../../protocol/compare-messages.js";
import { formatCount } from "../format-figures.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

/** Lines that are shown before more are asked for. */
export const FIRST_DIFFERENCES = 50;

/** What differs between the headers. */
export function structureView(
  { differences, differenceCount, pairs }: ComparedStructure,
  shown: number,
  onMore: () => void,
): TemplateResult {
  if (differenceCount === 0)
    return html`<p data-testid="compare-structure">
      ${t("No difference of structure: {0} weights with the same names and shapes.", formatCount(pairs))}
    </p>`;
  const more = Math.min(differences.length, differenceCount) - shown;
  return html`<details class="compare-structure" data-testid="compare-structure" ?open=${differenceCount <= 10}>
    <summary>
      ${t("Differences of structure: {0}. Weights that can be measured: {1}.", formatCount(differenceCount), formatCount(pairs))}
    </summary>
    <div class="scroller" tabindex="0" role="region" aria-label=${t("Differences of structure")}>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">${t("Weight")}</th>
            <th scope="col">${t("Difference")}</th>
            <th scope="col">${t("This model")}</th>
            <th scope="col">${t("Other")}</th>
          </tr>
        </thead>
        <tbody>
          ${differences.slice(0, shown).map(
            (line) => html`<tr>
              <th scope="row">${visibleText(line.weight)}</th>
              <td>${differenceText(line.kind)}</td>
              <td>${visibleText(line.left ?? "–", 120)}</td>
              <td>${visibleText(line.right ?? "–", 120)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      more > 0
        ? html`<button type="button" class="secondary" @click=${onMore}>${t("Show {0} more", formatCount(more))}</button>`
        : nothing
    }
    ${
      differenceCount > differences.length
        ? html`<p class="muted">
            ${t("The first {0} of {1}; the command shows all.", formatCount(differences.length), formatCount(differenceCount))}
          </p>`
        : nothing
    }
  </details>`;
}

function differenceText(kind: StructureDifferenceLine["kind"]): string {
  switch (kind) {
    case "only-left":
      return t("only in this model");
    case "only-right":
      return t("only in the other");
    case "shape":
      return t("other shape");
    case "dtype":
      return t("other storage");
  }
}
