import { html, nothing, type TemplateResult } from "lit";
import type { LayerQuery, LayerSortKey } from "../../protocol/layer-messages.js";
import { t } from "../texts.js";
import type { LayerColumn } from "./layer-columns.js";

export interface HeadingActions {
  onSort(sort: LayerSortKey, descendsFirst: boolean): void;
  /** A press on the edge of a column: it may be dragged. */
  onDivider(press: PointerEvent): void;
  onResetWidths(): void;
}

/** The heading row: one Tab stop, arrows go from heading to heading, Enter sorts, Shift with arrows changes the width. */
export function headingRow(
  columns: readonly LayerColumn[],
  query: LayerQuery,
  focusedHeading: number,
  { onSort, onDivider, onResetWidths }: HeadingActions,
): TemplateResult {
  const heading = (
    id: string,
    title: string,
    explanation: string,
    sort: LayerSortKey | undefined,
    descendsFirst: boolean,
    isNumber: boolean,
    index: number,
  ): TemplateResult => {
    const isSorted = sort !== undefined && query.sort === sort;
    return html`<div
      role="columnheader"
      class=${`layers-cell layers-${id}${isNumber ? " number" : ""}${sort === undefined ? " layers-heading" : ""}`}
      data-column=${id}
      tabindex=${sort === undefined ? (index === focusedHeading ? 0 : -1) : nothing}
      aria-sort=${isSorted ? (query.descending ? "descending" : "ascending") : nothing}
      aria-colindex=${index + 1}
      title=${explanation}
    >
      ${
        sort === undefined
          ? title
          : html`<button
              type="button"
              class="plain layers-heading"
              data-sort=${sort}
              tabindex=${index === focusedHeading ? 0 : -1}
              @click=${() => onSort(sort, descendsFirst)}
            >
              ${title}<span class="layers-order" aria-hidden="true"
                >${isSorted ? (query.descending ? " ▼" : " ▲") : nothing}</span
              >
            </button>`
      }
      <span class="layers-divider" aria-hidden="true" @pointerdown=${onDivider} @dblclick=${onResetWidths}></span>
    </div>`;
  };
  return html`
    <div role="rowgroup" class="layers-headings">
      <div role="row" aria-rowindex="1" class="layers-row">
        ${heading("name", t("Name"), t("Name in the file, without the module's part"), "name", false, false, 0)}
        ${columns.map((column, index) =>
          heading(
            column.id,
            column.title,
            column.explanation,
            column.sort,
            column.descendsFirst,
            column.isNumber,
            index + 1,
          ),
        )}
      </div>
    </div>
  `;
}

/** The heading that a key leads to: arrows to the neighbours, Home and End to the ends. */
export function headingAfterKey(grid: HTMLElement, from: HTMLElement, key: string): HTMLElement | undefined {
  const headings = [...grid.querySelectorAll<HTMLElement>(".layers-heading")];
  const index = headings.indexOf(from);
  if (key === "Home") return headings[0];
  if (key === "End") return headings.at(-1);
  if (key === "ArrowRight") return headings[index + 1];
  if (key === "ArrowLeft") return headings[index - 1];
  return undefined;
}
