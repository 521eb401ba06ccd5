import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ErrorColumn } from "../../protocol/compare-messages.js";
import { columnAfterKey } from "../chart/column-after-key.js";
import { formatReal } from "../format-figures.js";
import { styleProperty } from "../style-property.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";

/** More columns than this would make the page slow; the table below has every weight. */
const MOST_COLUMNS = 1000;

export interface ErrorSkylineView {
  readonly columns: readonly ErrorColumn[];
  /** Column that has the tab stop. */
  readonly current: number;
  onMove(column: number): void;
  onOpen(column: ErrorColumn): void;
}

/** Share of the height that a column fills, 0 to 1: SQNR over the highest tick. Equal sides (infinite SQNR) fill all. */
export function columnShare({ sqnrDb, measured }: ErrorColumn, highest: number): number {
  if (measured === 0 || Number.isNaN(sqnrDb)) return 0;
  return Math.min(1, Math.max(0, sqnrDb / highest));
}

/** Top of the axis in dB: the next multiple of ten above every finite column, 10 at least. */
export function highestTick(columns: readonly ErrorColumn[]): number {
  const finite = columns.map(({ sqnrDb }) => sqnrDb).filter(Number.isFinite);
  return Math.max(10, Math.ceil(Math.max(0, ...finite) / 10) * 10);
}

/** What a column says, in one line. */
export function describeErrorColumn({ label, sqnrDb, relativeError, measured }: ErrorColumn): string {
  const name = visibleText(label, 80);
  if (measured === 0) return t("{0}: not measured yet", name);
  return t("{0}: SQNR {1} dB, relative error {2}", name, formatReal(sqnrDb), formatReal(relativeError));
}

/** One column a block, as high as its SQNR: low columns are the blocks that lost most. Arrows walk, Enter opens the weight. */
export function errorSkyline(view: ErrorSkylineView): TemplateResult | typeof nothing {
  const { columns, current, onMove, onOpen } = view;
  if (columns.length === 0) return nothing;
  const shown = columns.slice(0, MOST_COLUMNS);
  const highest = highestTick(shown);
  const stop = Math.min(Math.max(0, current), shown.length - 1);
  const onKey = (event: KeyboardEvent): void => {
    const next = columnAfterKey(event.key, stop, shown.length);
    if (next === undefined) return;
    event.preventDefault();
    onMove(next);
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button")[next]?.focus();
  };
  return html`<figure class="error-skyline" data-testid="compare-skyline">
    <figcaption>${t("SQNR of every block, in dB: low columns lost most")}</figcaption>
    <div class="error-skyline-picture">
      <div class="error-skyline-axis muted" aria-hidden="true">
        <span>${highest}</span><span>${highest / 2}</span><span>0</span>
      </div>
      <div class="error-skyline-scroll">
        <div class="error-skyline-columns" role="toolbar" aria-label=${t("SQNR of every block")} @keydown=${onKey}>
          ${repeat(
            shown,
            (_column, index) => index,
            (column, index) => html`<button
              type="button"
              class="error-column ${column.measured === 0 ? "unmeasured" : ""}"
              data-testid="compare-skyline-column"
              data-weight=${column.firstWeight}
              tabindex=${index === stop ? 0 : -1}
              title=${describeErrorColumn(column)}
              aria-label=${describeErrorColumn(column)}
              @focus=${() => index !== stop && onMove(index)}
              @click=${() => onOpen(column)}
            >
              <span ${styleProperty("height", `${100 * columnShare(column, highest)}%`)}></span>
            </button>`,
          )}
        </div>
      </div>
    </div>
    <p class="muted" aria-hidden="true">${describeErrorColumn(shown[stop]!)}</p>
    <p>${summarizeErrorColumns(columns)}</p>
    <details>
      <summary>${t("Skyline as a table")}</summary>
      <div class="scroller" tabindex="0" role="region" aria-label=${t("Skyline as a table")}>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">${t("Block")}</th>
              <th scope="col" class="number">${t("SQNR, dB")}</th>
              <th scope="col" class="number">${t("Relative error")}</th>
              <th scope="col" class="number">${t("Weights measured")}</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              ({ label, sqnrDb, relativeError, measured }) => html`<tr>
                <th scope="row">${visibleText(label, 120)}</th>
                <td class="number">${measured === 0 ? "–" : formatReal(sqnrDb)}</td>
                <td class="number">${measured === 0 ? "–" : formatReal(relativeError)}</td>
                <td class="number">${measured}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}

/** The picture in a sentence: where the loss is largest. */
export function summarizeErrorColumns(columns: readonly ErrorColumn[]): string {
  const measured = columns.filter((column) => column.measured > 0 && !Number.isNaN(column.sqnrDb));
  if (measured.length === 0) return t("Nothing is measured yet.");
  const worst = measured.reduce((one, other) => (other.sqnrDb < one.sqnrDb ? other : one));
  if (worst.sqnrDb === Number.POSITIVE_INFINITY) return t("All {0} blocks are equal.", measured.length);
  const best = measured.reduce((one, other) => (other.sqnrDb > one.sqnrDb ? other : one));
  return t(
    "{0} of {1} blocks measured; least SQNR {2} dB in {3}, most {4} dB in {5}.",
    measured.length,
    columns.length,
    formatReal(worst.sqnrDb),
    visibleText(worst.label, 60),
    formatReal(best.sqnrDb),
    visibleText(best.label, 60),
  );
}
