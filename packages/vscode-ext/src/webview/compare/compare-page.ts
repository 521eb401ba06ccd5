import { html, nothing, render, type TemplateResult } from "lit";
import type { ComparedWeightLine, CompareWeightsPage } from "../../protocol/compare-messages.js";
import type { PagePlace, RequestFailure } from "../../protocol/envelope.js";
import { failureOf, failureView, isCancelled } from "../failure-view.js";
import { drawKeepingFocus } from "../keep-focus.js";
import type { MountPage, Page, PageContext } from "../page.js";
import { terminalLine } from "../terminal-line.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { CompareGrid } from "./compare-grid.js";
import { type CompareState, parseCompareState, sortedBy } from "./compare-state.js";
import { Comparison } from "./comparison.js";
import { errorSkyline } from "./error-skyline.js";
import { measurementView } from "./measurement-view.js";
import { FIRST_DIFFERENCES, structureView } from "./structure-view.js";
import { tableTools } from "./table-tools.js";
import "./compare.css";

/** Time without a letter after which a filter is asked for. */
const FILTER_DELAY = 200;

export const mountComparePage: MountPage = (container, place, context) => {
  const page = new ComparePage(container, context);
  page.update(place);
  return page;
};

/** "Compare": the open model beside another checkpoint, in structure and weight by weight. */
export class ComparePage implements Page {
  readonly #container: HTMLElement;
  readonly #context: PageContext;
  readonly #top: HTMLElement;
  readonly #bottom: HTMLElement;
  readonly #leaving = new AbortController();
  #state: CompareState;
  #comparison: Comparison | undefined;
  #grid: CompareGrid | undefined;
  #failure: RequestFailure | undefined;
  #figures: Pick<CompareWeightsPage, "skyline" | "overall"> = { skyline: [] };
  #column = 0;
  #shownDifferences = FIRST_DIFFERENCES;
  #filterTimer: ReturnType<typeof setTimeout> | undefined;
  #wasRunning = false;

  constructor(container: HTMLElement, context: PageContext) {
    this.#container = container;
    this.#context = context;
    this.#state = parseCompareState(context.kept);
    this.#top = container.appendChild(document.createElement("div"));
    this.#bottom = container.appendChild(document.createElement("div"));
    this.#top.className = "compare-top";
    this.#bottom.className = "compare-bottom";
  }

  update({ compareWith }: PagePlace): void {
    if (compareWith === this.#comparison?.path && compareWith !== undefined) return;
    this.#close();
    if (compareWith !== undefined) this.#open(compareWith);
    this.#draw();
  }

  dispose(): void {
    this.#leaving.abort();
    clearTimeout(this.#filterTimer);
    this.#close();
  }

  #close(): void {
    this.#comparison?.dispose();
    this.#comparison = undefined;
    this.#grid?.dispose();
    this.#grid = undefined;
    this.#figures = { skyline: [] };
    this.#failure = undefined;
    this.#shownDifferences = FIRST_DIFFERENCES;
  }

  #open(path: string): void {
    const comparison = new Comparison({
      ask: this.#context.request,
      path,
      onChange: () => this.#comparisonChanged(),
      onFigures: () => this.#grid?.refresh(),
    });
    this.#comparison = comparison;
    void comparison.open(!this.#state.isStopped);
  }

  #comparisonChanged(): void {
    const comparison = this.#comparison;
    if (comparison === undefined) return;
    if (this.#grid === undefined && (comparison.structure?.pairs ?? 0) > 0) this.#showGrid(comparison);
    const isRunning = comparison.phase === "running";
    if (this.#wasRunning && !isRunning) this.#announceEnd(comparison);
    this.#wasRunning = isRunning;
    this.#draw();
  }

  #announceEnd({ phase, failure, structure }: Comparison): void {
    if (failure !== undefined) this.#context.announce(t("Measuring failed: {0}", failure.message));
    else if (phase === "complete") this.#context.announce(t("All {0} weights are measured.", structure?.pairs ?? 0));
    else this.#context.announce(t("Measuring stopped."));
  }

  #showGrid(comparison: Comparison): void {
    this.#grid = new CompareGrid(this.#bottom, {
      fetch: async (begin, end, signal) => {
        const { sort, descending, filter } = this.#state;
        const page = await comparison.weights({ sort, descending, filter, begin, end }, signal);
        this.#figures = page;
        return { lines: page.total, weights: page.total, rows: page.rows };
      },
      onSort: (key) => this.#changeOrder(sortedBy(this.#state, key)),
      onOpen: (line) => this.#openWeight(line),
      onScroll: (firstLine) => this.#keep({ ...this.#state, firstLine }),
      onLoaded: () => this.#draw(),
      onFailure: (error) => {
        if (isCancelled(error)) return;
        this.#failure = failureOf(error);
        this.#draw();
      },
    });
    this.#grid.show(this.#state, this.#state.firstLine);
  }

  #keep(state: CompareState): void {
    this.#state = state;
    this.#context.keep(state);
  }

  #changeOrder(state: CompareState): void {
    this.#keep(state);
    this.#failure = undefined;
    this.#grid?.show(state, state.firstLine);
    this.#draw();
  }

  #openWeight({ name }: Pick<ComparedWeightLine, "name">): void {
    const compareWith = this.#comparison?.path;
    this.#context.navigate({ page: "tensor", weight: name, ...(compareWith !== undefined && { compareWith }) });
  }

  async #pick(): Promise<void> {
    try {
      const { path } = await this.#context.request("host/pick-checkpoint", {}, { signal: this.#leaving.signal });
      if (path !== undefined) this.#compareWith(path);
    } catch (error) {
      if (isCancelled(error)) return;
      this.#failure = failureOf(error);
      this.#draw();
    }
  }

  #compareWith(path: string): void {
    this.#keep({ ...this.#state, isStopped: false, firstLine: 0 });
    this.#context.navigate({ page: "compare", compareWith: path });
  }

  #leave(): void {
    this.#context.request("compare/close", {}).catch(() => undefined);
    this.#context.navigate({ page: "compare" });
  }

  #stop(): void {
    this.#keep({ ...this.#state, isStopped: true });
    this.#comparison?.stop();
  }

  #measure(): void {
    this.#keep({ ...this.#state, isStopped: false });
    void this.#comparison?.measure();
  }

  #setFilter(filter: string): void {
    clearTimeout(this.#filterTimer);
    this.#keep({ ...this.#state, filter, firstLine: 0 });
    this.#filterTimer = setTimeout(() => this.#changeOrder(this.#state), FILTER_DELAY);
  }

  async #export(format: "csv" | "json"): Promise<void> {
    try {
      const { path } = await this.#context.request("host/export-comparison", { format });
      if (path !== undefined) this.#context.announce(t("Written: {0}", path));
    } catch (error) {
      if (isCancelled(error)) return;
      this.#failure = failureOf(error);
      this.#draw();
    }
  }

  #draw(): void {
    if (this.#leaving.signal.aborted) return;
    const comparison = this.#comparison;
    const isBusy =
      comparison !== undefined &&
      comparison.failure === undefined &&
      (comparison.structure === undefined || comparison.phase === "running" || this.#grid?.isLoading === true);
    this.#container.setAttribute("aria-busy", String(isBusy));
    const content = html`<h2>${t("Compare")}</h2>
      ${comparison === undefined ? this.#choice() : this.#whole(comparison)}
      ${this.#failure === undefined ? nothing : failureView(this.#failure)}`;
    drawKeepingFocus(
      this.#top,
      () => render(content, this.#top),
      () =>
        this.#top.querySelector<HTMLElement>('[data-testid="compare-run"]:not([hidden])') ??
        this.#top.querySelector<HTMLElement>(".compare-overall"),
    );
  }

  /** Nothing to compare with yet. */
  #choice(): TemplateResult {
    const { original } = this.#context.model;
    return html`
      <p>${t("Choose another checkpoint: structure first, then the error of every weight that both have.")}</p>
      <div class="toolbar">
        ${
          original === undefined
            ? nothing
            : html`<button type="button" data-testid="compare-original" @click=${() => this.#compareWith(original)}>
                ${t("Compare with its original")}
              </button>`
        }
        <button
          type="button"
          class=${original === undefined ? nothing : "secondary"}
          data-testid="compare-pick"
          @click=${() => void this.#pick()}
        >
          ${t("Choose checkpoint…")}
        </button>
      </div>
      ${
        original === undefined
          ? nothing
          : html`<p class="muted">${t("The file says that its original is {0}", visibleText(original, 300))}</p>`
      }
    `;
  }

  #whole(comparison: Comparison): TemplateResult {
    const { structure, failure, path } = comparison;
    const retry = (): void =>
      void (structure === undefined ? comparison.open(!this.#state.isStopped) : this.#measure());
    return html`
      <div class="toolbar">
        <span class="compare-other">
          ${t("Compared with")} <b title=${visibleText(path, 1000)}>${visibleText(structure?.name ?? path, 200)}</b>
        </span>
        <button type="button" class="secondary compact" data-testid="compare-pick" @click=${() => void this.#pick()}>
          ${t("Choose another…")}
        </button>
        <button type="button" class="secondary compact" data-testid="compare-close" @click=${() => this.#leave()}>
          ${t("Close comparison")}
        </button>
      </div>
      ${failure === undefined ? nothing : failureView(failure, retry)}
      ${
        structure === undefined
          ? failure === undefined
            ? html`<p class="muted">${t("Opening the other checkpoint…")}</p>`
            : nothing
          : html`
              ${structureView(structure, this.#shownDifferences, () => {
                this.#shownDifferences = structure.differences.length;
                this.#draw();
              })}
              ${terminalLine(structure.command, this.#context)}
              ${
                structure.pairs === 0
                  ? html`<p>${t("There is nothing to measure: no weight has the same name and shape in both.")}</p>
                      ${structure.reason === undefined ? nothing : html`<p>${visibleText(structure.reason, 400)}</p>`}`
                  : this.#errors(comparison)
              }
            `
      }
    `;
  }

  #errors(comparison: Comparison): TemplateResult {
    return html`${measurementView({
      comparison,
      overall: this.#figures.overall,
      onStop: () => this.#stop(),
      onMeasure: () => this.#measure(),
    })}
    ${errorSkyline({
      columns: this.#figures.skyline,
      current: this.#column,
      onMove: (column) => {
        this.#column = column;
        this.#draw();
      },
      onOpen: ({ firstWeight }) => this.#openWeight({ name: firstWeight }),
    })}
    ${tableTools({
      filter: this.#state.filter,
      lines: this.#grid?.lines,
      onFilter: (filter) => this.#setFilter(filter),
      onExport: (format) => void this.#export(format),
    })}`;
  }
}
