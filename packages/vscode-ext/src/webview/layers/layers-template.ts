import { html, nothing, type TemplateResult } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { LayerQuery } from "../../protocol/layer-messages.js";
import { failureView } from "../failure-view.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { type HeadingActions, headingRow } from "./heading-row.js";
import type { LayerColumn } from "./layer-columns.js";

export interface GridListeners {
  onScroll(): void;
  onKey(event: KeyboardEvent): void;
  onFocus(event: FocusEvent): void;
  onPointerDown(event: MouseEvent): void;
  onClick(event: MouseEvent): void;
  onDoubleClick(event: MouseEvent): void;
  onPointerOver(event: PointerEvent): void;
}

export interface LayersTemplateState {
  readonly toolbar: TemplateResult;
  readonly failures: readonly { readonly failure: RequestFailure | undefined; readonly onRetry: () => void }[];
  readonly columns: readonly LayerColumn[];
  readonly query: LayerQuery;
  /** Of the list that is shown; the listed one may still be on its way. */
  readonly lines: number;
  readonly isEmpty: boolean;
  /** The heading that has the tab stop. */
  readonly heading: number;
  readonly listeners: GridListeners;
  readonly headingActions: HeadingActions;
  readonly terminal: TemplateResult;
}

/** The frame of the tree-table; `LineRows` fills the rows. */
export function layersTemplate(state: LayersTemplateState): TemplateResult {
  const { columns, query, listeners } = state;
  return html`
    <h2 class="visually-hidden">${t("Layers")}</h2>
    ${state.toolbar}
    <div class="layers-notice">
      ${state.failures.map(({ failure, onRetry }) => (failure === undefined ? nothing : failureView(failure, onRetry)))}
    </div>
    <div
      class="layers-grid"
      role="treegrid"
      data-testid="layers-grid"
      aria-label=${t("Layers")}
      aria-describedby="layers-keys"
      aria-multiselectable="true"
      aria-rowcount=${state.lines + 1}
      aria-colcount=${columns.length + 1}
      @scroll=${listeners.onScroll}
      @keydown=${listeners.onKey}
      @focusin=${listeners.onFocus}
      @mousedown=${listeners.onPointerDown}
      @click=${listeners.onClick}
      @dblclick=${listeners.onDoubleClick}
      @pointerover=${listeners.onPointerOver}
    >
      ${headingRow(columns, query, state.heading, state.headingActions)}
      <div role="rowgroup" class="layers-body"></div>
      ${
        state.isEmpty
          ? html`<p class="layers-empty muted">${query.filter === "" ? t("There are no tensors.") : t("No name matches “{0}”.", visibleText(query.filter, 80))}</p>`
          : nothing
      }
    </div>
    <p class="visually-hidden" id="layers-keys">
      ${t("Enter opens a weight, Space unfolds its parts, Shift with up and down selects, Shift with left and right scrolls sideways or, on a heading, changes the width of its column, Control C copies.")}
    </p>
    <div class="layers-foot">${state.terminal}</div>
  `;
}
