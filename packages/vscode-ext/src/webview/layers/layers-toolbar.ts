import { html, nothing, type TemplateResult } from "lit";
import type { LayerQuery } from "../../protocol/layer-messages.js";
import type { WorkProgress } from "../../protocol/request-map.js";
import { formatCount } from "../format-figures.js";
import { progressView } from "../progress-view.js";
import { t } from "../texts.js";

/** Which weights are measured. */
export type MeasureScope = "all" | "filtered" | "selected" | "visible";

export interface ToolbarState {
  readonly query: LayerQuery;
  /** Weights that the filter lets through; absent while it is not known. */
  readonly shown: number | undefined;
  readonly weights: number;
  readonly scope: MeasureScope;
  readonly isMeasuring: boolean;
  readonly progress: WorkProgress | undefined;
}

export interface ToolbarActions {
  onFilter(text: string): void;
  onView(isTree: boolean): void;
  onFoldEqual(foldEqual: boolean): void;
  onUnfoldAll(unfold: boolean): void;
  onScope(scope: MeasureScope): void;
  onMeasure(): void;
  onCancel(): void;
  onCopy(): void;
  onExport(format: "csv" | "json"): void;
}

export function layersToolbar(state: ToolbarState, actions: ToolbarActions): TemplateResult {
  const { query, shown, weights, scope } = state;
  const value = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;
  return html`
    <div class="layers-tools">
      <div class="toolbar">
        <input
          type="search"
          class="layers-filter"
          data-testid="layers-filter"
          aria-label=${t("Filter by name: text, or a glob with * and ?")}
          placeholder=${t("Filter: text or *glob*")}
          spellcheck="false"
          autocomplete="off"
          maxlength="1000"
          @input=${(event: Event) => actions.onFilter(value(event))}
        />
        <span class="layers-count figure" data-testid="layers-count" role="status">
          ${
            shown === undefined
              ? nothing
              : t("{0} of {1} weights", formatCount(shown), formatCount(Math.max(weights, shown)))
          }
        </span>
        <select
          data-testid="layers-view"
          aria-label=${t("View")}
          @change=${(event: Event) => actions.onView(value(event) === "tree")}
        >
          <option value="tree" ?selected=${query.tree}>${t("Tree of modules")}</option>
          <option value="list" ?selected=${!query.tree}>${t("Flat list")}</option>
        </select>
        ${
          query.tree
            ? html`
                <label
                  ><input
                    type="checkbox"
                    data-testid="layers-fold-equal"
                    .checked=${query.foldEqual}
                    @change=${(event: Event) => actions.onFoldEqual((event.target as HTMLInputElement).checked)}
                  />${t("Equal blocks once")}</label
                >
                <button type="button" class="secondary compact" @click=${() => actions.onUnfoldAll(true)}>
                  ${t("Unfold all")}
                </button>
                <button type="button" class="secondary compact" @click=${() => actions.onUnfoldAll(false)}>
                  ${t("Fold all")}
                </button>
              `
            : nothing
        }
      </div>
      <div class="toolbar">
        ${
          state.isMeasuring
            ? html`<div data-testid="layers-progress">
                ${progressView(t("Measuring"), state.progress)}
              </div>
              <button type="button" class="secondary compact" data-testid="layers-cancel" @click=${() => actions.onCancel()}>
                ${t("Cancel")}
              </button>`
            : html`<button type="button" class="compact" data-testid="layers-measure" @click=${() => actions.onMeasure()}>
                  ${t("Compute statistics")}
                </button>
                <select aria-label=${t("Statistics of which weights")} @change=${(event: Event) => actions.onScope(value(event) as MeasureScope)}>
                  ${SCOPES.map(
                    ({ scope: each, label }) =>
                      html`<option value=${each} ?selected=${each === scope}>${label()}</option>`,
                  )}
                </select>`
        }
        <span class="spring"></span>
        <button type="button" class="secondary compact" data-testid="layers-copy" @click=${() => actions.onCopy()}>
          ${t("Copy table")}
        </button>
        <button type="button" class="secondary compact" data-testid="layers-export-csv" @click=${() => actions.onExport("csv")}>
          ${t("Export CSV…")}
        </button>
        <button type="button" class="secondary compact" data-testid="layers-export-json" @click=${() => actions.onExport("json")}>
          ${t("Export JSON…")}
        </button>
      </div>
    </div>
  `;
}

const SCOPES: readonly { readonly scope: MeasureScope; readonly label: () => string }[] = [
  { scope: "all", label: () => t("of all weights") },
  { scope: "filtered", label: () => t("of weights that the filter shows") },
  { scope: "selected", label: () => t("of the selected lines") },
  { scope: "visible", label: () => t("of the lines on the screen") },
];
