import "./value-grid.css";
import { html, nothing, render, type TemplateResult } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { MatrixWindow } from "../../protocol/tensor-messages.js";
import { failureOf, failureView } from "../failure-view.js";
import { formatCount, formatReal } from "../format-figures.js";
import type { MatrixCell, MatrixSize } from "../outlier-map/matrix-viewport.js";
import { t } from "../texts.js";
import { gridWindow, steppedGridCell, windowAsTsv } from "./value-grid-window.js";
import { loadQuietly, type ValueStore } from "./value-store.js";

export interface ValueGridInput {
  readonly size: MatrixSize;
  readonly store: ValueStore;
  /** |w| beyond it is marked. */
  readonly threshold?: number | undefined;
  readonly label: string;
}

export interface ValueGridOptions {
  announce(text: string): void;
  /** The user went to a cell. */
  onCursor(cell: MatrixCell): void;
  /** To the clipboard. */
  copy(text: string): Promise<void>;
}

/** Single values, one page of the matrix at a time, with a cursor that goes over all of it. */
export interface ValueGrid {
  update(input: ValueGridInput | undefined): void;
  setCursor(cell: MatrixCell | undefined): void;
  /** Shows the beginning of a window unless the cursor lies in it. */
  reveal(window: MatrixWindow): void;
  dispose(): void;
}

export function createValueGrid(container: HTMLElement, options: ValueGridOptions): ValueGrid {
  let input: ValueGridInput | undefined;
  let cursor: MatrixCell = { row: 0, column: 0 };
  let hasCursor = false;
  let failure: RequestFailure | undefined;
  let shown: MatrixWindow | undefined;
  let takesFocus = false;

  function draw(): void {
    if (input === undefined) {
      render(nothing, container);
      return;
    }
    shown = gridWindow(cursor, input.size);
    if (!input.store.has(shown) && failure === undefined) void load(shown, input);
    render(template(input, shown), container);
    if (!takesFocus) return;
    takesFocus = false;
    container.querySelector<HTMLElement>('td[tabindex="0"]')?.focus();
  }

  /** Scrolls the grid, not the page: the user is elsewhere on it. */
  function showSelected(): void {
    const scroller = container.querySelector<HTMLElement>(".values-scroller");
    const cell = container.querySelector<HTMLElement>('td[aria-selected="true"]');
    const [corner] = container.querySelectorAll<HTMLElement>("th");
    if (scroller === null || cell === null || corner === undefined) return;
    const [head, side] = [corner.offsetHeight, corner.offsetWidth];
    const place = (at: number, length: number, from: number, room: number, covered: number): number =>
      at - covered < from ? at - covered : at + length > from + room ? at + length - room : from;
    scroller.scrollTop = place(cell.offsetTop, cell.offsetHeight, scroller.scrollTop, scroller.clientHeight, head);
    scroller.scrollLeft = place(cell.offsetLeft, cell.offsetWidth, scroller.scrollLeft, scroller.clientWidth, side);
  }

  async function load(window: MatrixWindow, from: ValueGridInput): Promise<void> {
    try {
      if ((await loadQuietly(from.store, window)) && input === from) draw();
    } catch (error) {
      if (input !== from) return;
      failure = failureOf(error);
      draw();
    }
  }

  function go(cell: MatrixCell, withFocus: boolean): void {
    cursor = cell;
    hasCursor = true;
    failure = undefined;
    takesFocus = withFocus;
    draw();
    options.onCursor(cell);
  }

  async function copy(): Promise<void> {
    if (input === undefined || shown === undefined) return;
    const { store } = input;
    await options.copy(windowAsTsv(shown, (row, column) => store.peek(row, column)?.value));
    options.announce(t("{0} values copied.", formatCount(shown.rows * shown.columns)));
  }

  function onKey(event: KeyboardEvent): void {
    if (input === undefined) return;
    if (event.key.toLowerCase() === "c" && (event.ctrlKey || event.metaKey)) {
      if (container.ownerDocument.getSelection()?.isCollapsed === false) return;
      event.preventDefault();
      void copy();
      return;
    }
    const next = steppedGridCell(event, cursor, input.size);
    if (next === undefined) return;
    event.preventDefault();
    go(next, true);
  }

  function template({ size, store, threshold, label }: ValueGridInput, window: MatrixWindow): TemplateResult {
    const rows = Array.from({ length: window.rows }, (_, i) => window.row + i);
    const columns = Array.from({ length: window.columns }, (_, i) => window.column + i);
    const jump = (axis: "row" | "column", event: Event): void => {
      const field = event.currentTarget as HTMLInputElement;
      const most = axis === "row" ? size.rows - 1 : size.columns - 1;
      const value = Math.max(0, Math.min(Math.trunc(field.valueAsNumber) || 0, most));
      field.value = String(value);
      go({ ...cursor, [axis]: value }, false);
    };
    return html`
      <div class="values-bar">
        <label>${t("Row")} <input type="number" data-testid="values-row" min="0" max=${size.rows - 1} step="1" .value=${String(cursor.row)} @change=${(event: Event) => jump("row", event)} /></label>
        <label>${t("Column")} <input type="number" data-testid="values-column" min="0" max=${size.columns - 1} step="1" .value=${String(cursor.column)} @change=${(event: Event) => jump("column", event)} /></label>
        <button type="button" class="secondary compact" data-testid="values-copy" @click=${copy}>${t("Copy as TSV")}</button>
        <span class="muted figure">${t(
          "rows {0}–{1} of {2}, columns {3}–{4} of {5}",
          window.row,
          window.row + window.rows - 1,
          formatCount(size.rows),
          window.column,
          window.column + window.columns - 1,
          formatCount(size.columns),
        )}</span>
      </div>
      ${
        failure === undefined
          ? nothing
          : failureView(failure, () => {
              failure = undefined;
              draw();
            })
      }
      <div class="values-scroller">
        <table class="values-grid" role="grid" data-testid="values-grid" aria-label=${label} aria-rowcount=${size.rows + 1} aria-colcount=${size.columns + 1} @keydown=${onKey}>
          <thead>
            <tr role="row" aria-rowindex="1">
              <th role="columnheader" scope="col" aria-colindex="1"><span class="visually-hidden">${t("Row")}</span></th>
              ${columns.map((column) => html`<th role="columnheader" scope="col" aria-colindex=${column + 2}>${column}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (row) => html`
                <tr role="row" aria-rowindex=${row + 2}>
                  <th role="rowheader" scope="row" aria-colindex="1">${row}</th>
                  ${columns.map((column) => valueCell(row, column, store, threshold))}
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  function valueCell(row: number, column: number, store: ValueStore, threshold: number | undefined): TemplateResult {
    const isCursor = row === cursor.row && column === cursor.column;
    const value = store.peek(row, column)?.value;
    const isOutlier = threshold !== undefined && Number.isFinite(value) && Math.abs(value!) > threshold;
    const text = value === undefined ? "…" : formatReal(value);
    return html`<td
      role="gridcell"
      class=${isOutlier ? "is-outlier" : ""}
      tabindex=${isCursor ? "0" : "-1"}
      aria-selected=${isCursor && hasCursor ? "true" : "false"}
      aria-colindex=${column + 2}
      aria-label=${isOutlier ? t("{0}, outlier", text) : nothing}
      data-row=${row}
      data-column=${column}
      @click=${() => go({ row, column }, true)}
    >${text}</td>`;
  }

  return {
    update(next) {
      if (next?.store !== input?.store) failure = undefined;
      input = next;
      draw();
    },
    setCursor(cell) {
      if (cell === undefined) {
        cursor = { row: 0, column: 0 };
        hasCursor = false;
        draw();
        return;
      }
      if (cell.row === cursor.row && cell.column === cursor.column && hasCursor) return;
      cursor = cell;
      hasCursor = true;
      failure = undefined;
      draw();
      showSelected();
    },
    reveal(window) {
      const isInside =
        cursor.row >= window.row &&
        cursor.row < window.row + window.rows &&
        cursor.column >= window.column &&
        cursor.column < window.column + window.columns;
      if (isInside) return;
      cursor = { row: window.row, column: window.column };
      hasCursor = false;
      failure = undefined;
      draw();
    },
    dispose() {
      render(nothing, container);
    },
  };
}
