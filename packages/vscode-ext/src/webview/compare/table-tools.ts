import { html, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { formatCount } from "../format-figures.js";
import { t } from "../texts.js";

export interface TableToolsView {
  readonly filter: string;
  /** Lines that the filter lets through; absent until that is known. */
  readonly lines: number | undefined;
  onFilter(filter: string): void;
  onExport(format: "csv" | "json"): void;
}

/** Filter, count and exports of the table. */
export function tableTools({ filter, lines, onFilter, onExport }: TableToolsView): TemplateResult {
  return html`<div class="toolbar compare-tools">
    <label for="compare-filter">${t("Filter")}</label>
    <input
      type="text"
      id="compare-filter"
      data-testid="compare-filter"
      spellcheck="false"
      placeholder=${t("part of a name, or a pattern with *")}
      .value=${live(filter)}
      @input=${(event: Event) => onFilter((event.target as HTMLInputElement).value)}
    />
    <span class="muted" role="status">${lines === undefined ? "" : t("{0} weights", formatCount(lines))}</span>
    <span class="spring"></span>
    <button type="button" class="secondary" data-testid="compare-export-csv" @click=${() => onExport("csv")}>
      ${t("Export CSV…")}
    </button>
    <button type="button" class="secondary" data-testid="compare-export-json" @click=${() => onExport("json")}>
      ${t("Export JSON…")}
    </button>
  </div>`;
}
