import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ComparedWeightLine, CompareSortKey } from "../../protocol/compare-messages.js";
import { type FetchLines, LineWindowCache } from "../long-list/line-window-cache.js";
import { drawnLines, scrollRange, scrollTopFor } from "../long-list/scroll-range.js";
import { styleProperty } from "../style-property.js";
import { t } from "../texts.js";
import { type CompareColumn, compareColumns } from "./compare-columns.js";

export interface CompareGridOptions {
  readonly fetch: FetchLines<ComparedWeightLine>;
  onSort(key: CompareSortKey): void;
  onOpen(line: ComparedWeightLine): void;
  /** First line on the screen. */
  onScroll(firstLine: number): void;
  /** Lines came in. */
  onLoaded(): void;
  onFailure(error: unknown): void;
}

export interface CompareOrder {
  readonly sort: CompareSortKey;
  readonly descending: boolean;
}

const LINE_HEIGHT = 24;

/** Where a key leads in a grid: a line, or a column (-1 stands for the line as a whole). */
export function gridStep(
  key: string,
  at: { readonly line: number; readonly column: number },
  size: { readonly lines: number; readonly columns: number; readonly pageLines: number },
): { readonly line: number; readonly column: number } | undefined {
  const lines: Readonly<Record<string, number>> = {
    ArrowDown: at.line + 1,
    ArrowUp: at.line - 1,
    PageDown: at.line + size.pageLines,
    PageUp: at.line - size.pageLines,
    Home: 0,
    End: size.lines - 1,
  };
  const columns: Readonly<Record<string, number>> = { ArrowRight: at.column + 1, ArrowLeft: at.column - 1 };
  const line = lines[key];
  if (line !== undefined) return { ...at, line: Math.min(size.lines - 1, Math.max(0, line)) };
  const column = columns[key];
  return column === undefined ? undefined : { ...at, column: Math.min(size.columns - 1, Math.max(0, column)) };
}

/**
 * The table of compared weights: lines are asked for as they come into view. Arrows go from cell to cell, Enter opens the
 * line's weight; heads are buttons that sort.
 */
export class CompareGrid {
  readonly #container: HTMLElement;
  readonly #options: CompareGridOptions;
  readonly #columns: readonly CompareColumn[] = compareColumns();
  readonly #resize: ResizeObserver;
  #cache: LineWindowCache<ComparedWeightLine>;
  /** Shown while new figures of the same lines are on their way. */
  #before: LineWindowCache<ComparedWeightLine> | undefined;
  #order: CompareOrder = { sort: "name", descending: false };
  #at = { line: 0, column: 0 };
  #movesFocus = false;
  /** Line to begin with, until it is known how many there are. */
  #pendingLine = 0;

  constructor(container: HTMLElement, options: CompareGridOptions) {
    this.#container = container;
    this.#options = options;
    this.#cache = this.#newCache();
    this.#resize = new ResizeObserver(() => this.#draw());
    this.#draw();
    this.#resize.observe(this.#viewport);
  }

  get lines(): number | undefined {
    return this.#cache.lines ?? this.#before?.lines;
  }

  /** True while lines in view are missing or old. */
  get isLoading(): boolean {
    const { begin, end } = this.#range();
    return !this.#cache.has(begin, end);
  }

  /** Another order or filter: other lines, from `firstLine` on. */
  show(order: CompareOrder, firstLine: number): void {
    this.#order = order;
    this.#at = { ...this.#at, line: firstLine };
    this.#pendingLine = firstLine;
    this.#replaceCache(false);
    this.#viewport.scrollTop = 0;
    this.#draw();
  }

  /** The same lines with new figures. */
  refresh(): void {
    this.#replaceCache(true);
    this.#draw();
  }

  dispose(): void {
    this.#resize.disconnect();
    this.#cache.dispose();
    this.#before?.dispose();
    render(nothing, this.#container);
  }

  get #viewport(): HTMLElement {
    return this.#container.querySelector<HTMLElement>(".compare-lines")!;
  }

  #newCache(): LineWindowCache<ComparedWeightLine> {
    return new LineWindowCache(
      this.#options.fetch,
      () => {
        if (!this.isLoading) this.#before = undefined;
        this.#draw();
        this.#goToPendingLine();
        this.#options.onLoaded();
      },
      (error) => this.#options.onFailure(error),
    );
  }

  #replaceCache(keepsOld: boolean): void {
    // A cache that never answered has nothing to show: the one before it stays.
    if (!keepsOld) this.#before = undefined;
    else if (this.#cache.lines !== undefined) this.#before = this.#cache;
    this.#cache.dispose();
    this.#cache = this.#newCache();
  }

  #line(index: number): ComparedWeightLine | undefined {
    return this.#cache.get(index) ?? this.#before?.get(index);
  }

  #range(): ReturnType<typeof scrollRange> {
    const viewport = this.#container.querySelector<HTMLElement>(".compare-lines");
    return scrollRange(this.lines ?? 0, LINE_HEIGHT, viewport?.scrollTop ?? 0, viewport?.clientHeight ?? 0);
  }

  #draw(): void {
    const { lines } = this;
    const range = this.#range();
    this.#cache.want(range.begin, Math.max(range.end, range.begin + 1));
    if (lines !== undefined) this.#at = { ...this.#at, line: Math.max(0, Math.min(this.#at.line, lines - 1)) };
    render(this.#template(lines, range), this.#container);
    if (!this.#movesFocus) return;
    const cell = this.#container.querySelector<HTMLElement>('.compare-lines [tabindex="0"]');
    if (cell === null) return;
    this.#movesFocus = false;
    cell.focus({ preventScroll: true });
  }

  /** The list is as high as its lines only after the first answer. */
  #goToPendingLine(): void {
    const { lines } = this;
    if (this.#pendingLine === 0 || lines === undefined) return;
    const line = Math.min(this.#pendingLine, lines - 1);
    this.#pendingLine = 0;
    // From the end of the list the least step that shows a line puts it to the top.
    const viewport = this.#viewport;
    viewport.scrollTop = scrollTopFor(line, lines, LINE_HEIGHT, Number.POSITIVE_INFINITY, viewport.clientHeight);
    this.#draw();
  }

  #onScroll(): void {
    if (this.#pendingLine !== 0) return;
    const { begin, top } = this.#range();
    this.#options.onScroll(Math.max(0, Math.floor(begin + (this.#viewport.scrollTop - top) / LINE_HEIGHT)));
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    const { lines = 0 } = this;
    if (lines === 0 || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      const line = this.#line(this.#at.line);
      if (line === undefined) return;
      event.preventDefault();
      this.#options.onOpen(line);
      return;
    }
    const viewport = this.#viewport;
    const pageLines = Math.max(1, Math.floor(viewport.clientHeight / LINE_HEIGHT) - 1);
    const next = gridStep(event.key, this.#at, { lines, columns: this.#columns.length, pageLines });
    if (next === undefined) return;
    event.preventDefault();
    this.#at = next;
    this.#movesFocus = true;
    viewport.scrollTop = scrollTopFor(next.line, lines, LINE_HEIGHT, viewport.scrollTop, viewport.clientHeight);
    this.#draw();
  }

  #template(lines: number | undefined, range: ReturnType<typeof scrollRange>): TemplateResult {
    // The focused line stays in the document when it is scrolled out of view, so that the focus is not lost.
    const drawn = drawnLines(range, lines ?? 0, LINE_HEIGHT, this.#at.line);
    return html`
      <div
        class="compare-grid"
        role="grid"
        data-testid="compare-grid"
        aria-label=${t("Errors of the weights")}
        aria-rowcount=${lines === undefined ? -1 : lines + 1}
        aria-colcount=${this.#columns.length}
        aria-busy=${this.isLoading ? "true" : "false"}
      >
        <div role="rowgroup" class="compare-head">
          <div role="row" aria-rowindex="1" class="compare-row">${this.#columns.map((column) => this.#head(column))}</div>
        </div>
        <div role="rowgroup" class="compare-lines" @scroll=${() => this.#onScroll()} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
          <div role="presentation" class="compare-height" ${styleProperty("height", `${range.contentHeight}px`)}>
            ${repeat(
              drawn,
              ({ line }) => line,
              ({ line, top }) => this.#row(line, top),
            )}
          </div>
        </div>
      </div>
      ${lines === 0 ? html`<p class="muted">${t("No weight has such a name.")}</p>` : nothing}
    `;
  }

  #head(column: CompareColumn): TemplateResult {
    const { sort, title } = column;
    const isSorted = sort !== undefined && sort === this.#order.sort;
    const order = this.#order.descending ? "descending" : "ascending";
    return html`<div
      role="columnheader"
      class="compare-cell ${column.isFigure ? "number" : ""} column-${column.id}"
      aria-sort=${sort === undefined ? nothing : isSorted ? order : "none"}
    >
      ${
        sort === undefined
          ? title
          : html`<button type="button" class="plain compact" @click=${() => this.#options.onSort(sort)}>
              ${title}<span aria-hidden="true">${isSorted ? (this.#order.descending ? " ▼" : " ▲") : ""}</span>
            </button>`
      }
    </div>`;
  }

  #row(index: number, top: number): TemplateResult {
    const line = this.#line(index);
    return html`<div
      role="row"
      class="compare-row ${index === this.#at.line ? "at" : ""}"
      aria-rowindex=${index + 2}
      data-name=${line?.name ?? nothing}
      ${styleProperty("transform", `translateY(${top}px)`)}
      @click=${() => line !== undefined && this.#options.onOpen(line)}
    >
      ${this.#columns.map((column, at) => {
        const isAt = index === this.#at.line && at === this.#at.column;
        const text = line === undefined ? "…" : column.text(line);
        return html`<div
          role=${at === 0 ? "rowheader" : "gridcell"}
          class="compare-cell ${column.isFigure ? "number" : ""} column-${column.id}"
          tabindex=${isAt ? 0 : -1}
          title=${at === 0 ? text : nothing}
          @focus=${() => {
            this.#at = { line: index, column: at };
            this.#draw();
          }}
        >
          ${text}
        </div>`;
      })}
    </div>`;
  }
}
