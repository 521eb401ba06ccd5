import { html, nothing, render, type TemplateResult } from "lit";
import type { OpenModel, SkylineColumn } from "../../protocol/overview-messages.js";
import { columnAfterKey } from "../chart/column-after-key.js";
import { formatBits, formatBytes, formatCount, formatLarge } from "../format-figures.js";
import type { PageContext } from "../page.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { drawSkyline } from "./draw-skyline.js";
import { layoutSkyline, type SkylineLayout } from "./skyline-layout.js";
import { storageLooks } from "./storage-colors.js";

const HEIGHT = 180;
/** More buttons than this would make the page slow; the table has all columns. */
const MOST_BUTTONS = 2000;

/** Says a column in one line: for its button, and under the picture. */
function describeColumn(column: SkylineColumn): string {
  const storages = column.storages.map(({ storage }) => visibleText(storage, 60)).join(", ");
  return t(
    "{0}: {1} bits per weight stored, {2} weights in {3}, {4}",
    visibleText(column.label, 80),
    formatBits(column.bitsPerWeight),
    formatLarge(column.parameters),
    formatBytes(column.bytes),
    storages,
  );
}

/** The whole picture in a sentence. */
function summarizeSkyline(columns: readonly SkylineColumn[]): string {
  if (columns.length === 0) return t("There are no weights to show.");
  const lowest = columns.reduce((one, other) => (other.bitsPerWeight < one.bitsPerWeight ? other : one));
  const highest = columns.reduce((one, other) => (other.bitsPerWeight > one.bitsPerWeight ? other : one));
  if (lowest.bitsPerWeight === highest.bitsPerWeight)
    return t("{0} columns, {1} bits per weight each.", columns.length, formatBits(lowest.bitsPerWeight));
  return t(
    "{0} columns, from {1} bits per weight ({2}) to {3} ({4}).",
    columns.length,
    formatBits(lowest.bitsPerWeight),
    visibleText(lowest.label, 60),
    formatBits(highest.bitsPerWeight),
    visibleText(highest.label, 60),
  );
}

/**
 * The skyline: a canvas under one button a column. The buttons are one stop of the Tab key, arrows go from column to
 * column; the figures of the column under pointer or focus stand below.
 */
export class SkylineView {
  readonly #container: HTMLElement;
  readonly #model: OpenModel;
  readonly #context: PageContext;
  readonly #resize: ResizeObserver;
  #layout: SkylineLayout | undefined;
  /** The column that holds the Tab stop. */
  #current = 0;
  #marked = -1;

  constructor(container: HTMLElement, model: OpenModel, context: PageContext) {
    this.#container = container;
    this.#model = model;
    this.#context = context;
    this.#resize = new ResizeObserver(() => this.draw());
    this.#resize.observe(container);
    this.draw();
  }

  /** Also after the theme has changed. */
  draw(): void {
    const columns = this.#model.skyline;
    const width = Math.max(200, this.#container.clientWidth);
    this.#layout = layoutSkyline(columns, width, HEIGHT);
    render(this.#template(this.#layout), this.#container);
    for (const box of this.#container.querySelectorAll<HTMLElement>(".skyline-column")) {
      const bar = this.#layout.bars[Number(box.dataset["index"])];
      if (bar === undefined) continue;
      box.style.left = `${bar.x}px`;
      box.style.width = `${bar.width}px`;
    }
    const picture = this.#container.querySelector<HTMLElement>(".skyline-picture");
    if (picture !== null) picture.style.width = `${this.#layout.width}px`;
    this.#drawPicture();
    this.#readOut();
  }

  dispose(): void {
    this.#resize.disconnect();
  }

  #drawPicture(): void {
    const canvas = this.#container.querySelector("canvas");
    const context = canvas?.getContext("2d");
    if (canvas == null || context == null || this.#layout === undefined) return;
    const { theme } = this.#context;
    const ratio = Math.min(devicePixelRatio || 1, 16_000 / this.#layout.width);
    canvas.width = Math.round(this.#layout.width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    canvas.style.width = `${this.#layout.width}px`;
    canvas.style.height = `${HEIGHT}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawSkyline(
      context,
      this.#layout,
      {
        text: theme.color("--vscode-descriptionForeground", "#888888"),
        lines: theme.color("--vscode-charts-lines", "#88888880"),
        mark: theme.color("--vscode-focusBorder", "#007fd4"),
        outline: theme.isHighContrast ? theme.color("--vscode-contrastBorder", "#ffffff") : undefined,
        font: `11px ${theme.color("--vscode-font-family", "sans-serif")}`,
        looks: storageLooks(this.#model, theme),
      },
      this.#marked,
    );
  }

  #mark(index: number): void {
    if (index === this.#marked) return;
    this.#marked = index;
    this.#drawPicture();
    this.#readOut();
  }

  #readOut(): void {
    const readout = this.#container.querySelector(".skyline-readout");
    const column = this.#model.skyline[this.#marked];
    if (readout !== null)
      readout.textContent =
        column === undefined
          ? t("Point at a column for its figures; click to see its layers.")
          : describeColumn(column);
  }

  #onKey(event: KeyboardEvent): void {
    const count = Math.min(this.#model.skyline.length, MOST_BUTTONS);
    const next = columnAfterKey(event.key, this.#current, count);
    if (next === undefined) return;
    event.preventDefault();
    this.#current = next;
    this.draw();
    this.#container.querySelector<HTMLElement>(`.skyline-column[data-index="${this.#current}"]`)?.focus();
  }

  #template(layout: SkylineLayout): TemplateResult {
    const columns = this.#model.skyline;
    const go = (column: SkylineColumn): void => this.#context.navigate({ page: "layers", weight: column.firstWeight });
    return html`
      <div class="scroller">
        <div class="skyline-picture">
          <canvas aria-hidden="true"></canvas>
          <div
            class="skyline-columns"
            role="toolbar"
            aria-label=${t("Columns of the skyline")}
            @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
            @pointerleave=${() => this.#mark(-1)}
          >
            ${columns.slice(0, MOST_BUTTONS).map(
              (column, index) => html`<button
                type="button"
                class="skyline-column bare"
                data-testid="skyline-column"
                data-index=${index}
                data-weight=${column.firstWeight}
                tabindex=${index === this.#current ? 0 : -1}
                aria-label=${describeColumn(column)}
                @pointerenter=${() => this.#mark(index)}
                @focus=${() => {
                  this.#current = index;
                  this.#mark(index);
                }}
                @blur=${() => this.#mark(-1)}
                @click=${() => go(column)}
              ></button>`,
            )}
          </div>
        </div>
      </div>
      <p class="skyline-readout muted"></p>
      <p>${summarizeSkyline(columns)}</p>
      <details class="skyline-table">
        <summary>${t("Skyline as a table")}</summary>
        <div class="scroller">
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">${t("Block")}</th>
                <th scope="col" class="number">${t("Bits per weight, stored")}</th>
                <th scope="col" class="number">${t("Parameters")}</th>
                <th scope="col" class="number">${t("Size")}</th>
                <th scope="col">${t("Storage")}</th>
              </tr>
            </thead>
            <tbody>
              ${columns.slice(0, MOST_BUTTONS).map(
                (column) => html`<tr>
                  <th scope="row">${visibleText(column.label, 120)}</th>
                  <td class="number">${formatBits(column.bitsPerWeight)}</td>
                  <td class="number">${formatCount(column.parameters)}</td>
                  <td class="number">${formatBytes(column.bytes)}</td>
                  <td>${column.storages.map(({ storage }) => visibleText(storage, 80)).join(", ")}</td>
                </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
      ${layout.bars.length > MOST_BUTTONS ? html`<p class="muted">${t("Only the first {0} columns can be chosen.", MOST_BUTTONS)}</p>` : nothing}
    `;
  }
}
