import { render, type TemplateResult } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { LayerLine, LayerQuery, LayerStatistics } from "../../protocol/layer-messages.js";
import { failureOf, isCancelled } from "../failure-view.js";
import { formatCount } from "../format-figures.js";
import { drawKeepingFocus } from "../keep-focus.js";
import { drawnLines, scrollRange, scrollTopFor } from "../long-list/scroll-range.js";
import type { PageContext } from "../page.js";
import { terminalLine } from "../terminal-line.js";
import { t } from "../texts.js";
import { applyWidths, type ColumnWidths, dragDivider, widened, wideningOfKey } from "./column-widths.js";
import { copyLines, copyTable, exportTable } from "./copy-and-export.js";
import { headingAfterKey } from "./heading-row.js";
import { inspectCommand } from "./inspect-command.js";
import { layerColumns } from "./layer-columns.js";
import { LayerList } from "./layer-list.js";
import { type LayersState, readLayersState, sortedBy, toggled } from "./layers-state.js";
import { type GridListeners, layersTemplate } from "./layers-template.js";
import { layersToolbar, type ToolbarActions } from "./layers-toolbar.js";
import { linePointer } from "./line-pointer.js";
import { cellTip, LineRows } from "./line-rows.js";
import { locateWeight } from "./locate-weight.js";
import { Measurement } from "./measurement.js";
import { treeAction } from "./tree-keys.js";

const FILTER_DELAY = 150;
const HEADING_HEIGHT = 29;
/** Pixels of a step to the side: about a column. */
const SIDE_STEP = 90;
/** One of them stands there; the focus goes from the one to the other. */
const MEASURE_BUTTONS = '[data-testid="layers-cancel"], [data-testid="layers-measure"]';
/** A selection longer than this is copied through the engine, as the whole table. */
const MOST_COPIED = 10_000;

/**
 * The tree-table. The engine holds the list; here are the lines around the screen. One row has the focus (roving
 * tabindex); it is drawn also where it is scrolled out of sight, so that the focus stays.
 */
export class LayersView {
  readonly #container: HTMLElement;
  readonly #context: PageContext;
  readonly #columns = layerColumns();
  readonly #measurement: Measurement;
  readonly #resize: ResizeObserver;
  readonly #lineHeight: number;
  #state: LayersState;
  readonly #list: LayerList;
  /** Of copying, exporting, finding a weight. */
  #failure: RequestFailure | undefined;
  #heading = 0;
  #frame = 0;
  #rows: LineRows | undefined;
  /** Length of the list that the frame around the rows shows. */
  #renderedLines: number | undefined;
  /** The next frame draws only rows: nothing else changes by scrolling. */
  #isScrolling = false;
  #filterTimer: ReturnType<typeof setTimeout> | undefined;
  #locating: AbortController | undefined;
  #wantsFocus = false;
  #wantsScrollTop: number | undefined;

  constructor(container: HTMLElement, context: PageContext) {
    this.#container = container;
    this.#context = context;
    this.#state = readLayersState(context.kept);
    this.#wantsScrollTop = this.#state.scrollTop;
    this.#lineHeight = Math.max(22, Math.round(parseFloat(getComputedStyle(document.body).fontSize || "13") * 1.7));
    this.#measurement = new Measurement(
      context,
      () => this.#draw(),
      () => this.#afterMeasuring(),
    );
    this.#list = new LayerList(context.request, this.#state.query, () => this.#afterWindow());
    this.#render();
    applyWidths(this.#grid, this.#state.widths);
    this.#resize = new ResizeObserver(() => this.#draw());
    this.#resize.observe(this.#grid);
    this.#list.want(...this.#range());
  }

  /** Goes to a weight, unless it is the one that it went to last: coming back to the page keeps the place. */
  showWeight(name: string): void {
    if (this.#state.located === name) return;
    this.#locating?.abort();
    this.#locating = new AbortController();
    void this.#locate(name, this.#locating.signal);
  }

  /** The outlier rule has changed: figures that follow it are measured again when asked for. */
  forgetStatistics(): void {
    this.#measurement.forget();
    this.#ask(this.#state.query, this.#state);
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#filterTimer);
    this.#locating?.abort();
    this.#resize.disconnect();
    this.#measurement.cancel();
    this.#list.dispose();
  }

  get #grid(): HTMLElement {
    return this.#container.querySelector(".layers-grid") as HTMLElement;
  }

  /** Height of the part that shows lines; 0 before the first drawing. */
  get #viewHeight(): number {
    return Math.max(0, (this.#container.querySelector(".layers-grid")?.clientHeight ?? 0) - HEADING_HEIGHT);
  }

  get #scrollTop(): number {
    return this.#wantsScrollTop ?? this.#container.querySelector(".layers-grid")?.scrollTop ?? 0;
  }

  /** Asks for the list of another query and keeps the state. */
  #ask(query: LayerQuery, change: Partial<LayersState> = { line: 0, anchor: 0, scrollTop: 0 }): void {
    this.#list.ask(query);
    this.#renderedLines = undefined;
    this.#keep({ ...change, query });
    if (change.scrollTop !== undefined) this.#wantsScrollTop = change.scrollTop;
    this.#failure = undefined;
    this.#list.want(...this.#range());
    this.#draw();
  }

  #keep(change: Partial<LayersState>): void {
    this.#state = { ...this.#state, ...change };
    this.#context.keep(this.#state);
  }

  /** Lines on the screen of the list that is asked for, known or not. */
  #range(): readonly [begin: number, end: number] {
    const lines = this.#list.shown.lines;
    const viewHeight = this.#viewHeight;
    const scrollTop = this.#scrollTop;
    if (lines === undefined || this.#list.lines === undefined) {
      const begin = Math.max(0, Math.floor(scrollTop / this.#lineHeight));
      return [begin, begin + Math.ceil(viewHeight / this.#lineHeight) + 1];
    }
    const { begin, end } = scrollRange(lines, this.#lineHeight, scrollTop, viewHeight);
    return [begin, end];
  }

  /** Lines have come, or a failure in their place. */
  #afterWindow(): void {
    const changesOnlyRows =
      this.#list.failure === undefined && this.#renderedLines === this.#list.lines && !this.#wantsFocus;
    this.#draw(changesOnlyRows);
  }

  /** Draws in the next frame: several changes are one drawing. */
  #draw(isScrolling = false): void {
    this.#isScrolling = isScrolling && (this.#frame === 0 || this.#isScrolling);
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#isScrolling) {
        this.#render();
        return;
      }
      this.#isScrolling = false;
      this.#drawRows();
    });
  }

  #render(): void {
    const { query } = this.#state;
    const lines = this.#list.shown.lines ?? 0;
    if (this.#list.lines !== undefined && this.#state.line >= lines)
      this.#keep({ line: Math.max(0, lines - 1), anchor: Math.max(0, lines - 1) });
    this.#renderedLines = this.#list.lines;
    drawKeepingFocus(
      this.#container,
      () => {
        render(this.#template(lines, query), this.#container);
        this.#drawRows();
      },
      (lost) =>
        this.#container.querySelector<HTMLElement>(
          lost.matches("button") ? MEASURE_BUTTONS : '.layers-body [tabindex="0"]',
        ),
    );
    const filter = this.#container.querySelector<HTMLInputElement>(".layers-filter");
    // While it is being written in, what stands there is newer than the query.
    if (filter !== null && filter !== document.activeElement) filter.value = query.filter;
    this.#afterRender(lines);
  }

  #afterRender(lines: number): void {
    const grid = this.#grid;
    if (this.#wantsScrollTop !== undefined && this.#list.lines !== undefined) {
      grid.scrollTop = this.#wantsScrollTop;
      this.#wantsScrollTop = undefined;
      // What is to be drawn follows from where it could scroll to.
      this.#draw();
    }
    if (this.#wantsFocus && lines > 0) {
      const row = this.#rows?.element(this.#state.line);
      if (row !== undefined && (this.#list.lines !== undefined || row !== document.activeElement)) {
        row.focus({ preventScroll: true });
        this.#wantsFocus = this.#list.lines === undefined;
      }
    }
  }

  /** The rows: by hand, for they are what scrolling redraws. */
  #drawRows(): void {
    const shown = this.#list.shown;
    const lines = shown.lines ?? 0;
    const { line: focused, anchor } = this.#state;
    const range = scrollRange(lines, this.#lineHeight, this.#scrollTop, this.#viewHeight);
    const drawn = drawnLines(range, lines, this.#lineHeight, focused);
    const body = this.#grid.querySelector(".layers-body") as HTMLElement;
    const height = `${range.contentHeight}px`;
    if (body.style.height !== height) body.style.height = height;
    this.#rows ??= new LineRows(body, this.#columns);
    this.#rows.draw({
      drawn,
      focused,
      selection: { first: Math.min(focused, anchor), last: Math.max(focused, anchor) },
      get: (line) => shown.get(line),
      statisticsOf: (line) => this.#statisticsOf(line),
    });
    this.#container.setAttribute("aria-busy", String(this.#list.isMissing(...this.#range())));
  }

  #statisticsOf(line: LayerLine): LayerStatistics | undefined {
    return line.statistics ?? (line.name === undefined ? undefined : this.#measurement.of(line.name));
  }

  #template(lines: number, query: LayerQuery): TemplateResult {
    const askAgain = (): void => this.#ask(this.#state.query, {});
    const measurement = this.#measurement;
    return layersTemplate({
      toolbar: layersToolbar(
        {
          query,
          shown: this.#list.shown.lines === undefined ? undefined : this.#list.shown.weights,
          weights: this.#context.model.weights,
          scope: measurement.scope,
          isMeasuring: measurement.isRunning,
          progress: measurement.progress,
        },
        this.#toolbarActions,
      ),
      failures: [
        { failure: this.#list.failure, onRetry: askAgain },
        { failure: this.#failure, onRetry: askAgain },
        { failure: measurement.failure, onRetry: () => this.#measure() },
      ],
      columns: this.#columns,
      query,
      lines,
      isEmpty: lines === 0 && this.#list.lines !== undefined,
      heading: this.#heading,
      listeners: this.#listeners,
      terminal: terminalLine(inspectCommand(this.#context.model, query), this.#context),
      headingActions: {
        onSort: (sort, descendsFirst) => this.#ask(sortedBy(this.#state.query, sort, descendsFirst)),
        onDivider: (press) => dragDivider(press, this.#grid, (widths) => this.#setWidths(widths)),
        onResetWidths: () => this.#setWidths(undefined),
      },
    });
  }

  readonly #toolbarActions: ToolbarActions = {
    onFilter: (filter) => {
      clearTimeout(this.#filterTimer);
      this.#filterTimer = setTimeout(() => this.#ask({ ...this.#state.query, filter: filter.trim() }), FILTER_DELAY);
    },
    onView: (tree) => this.#ask({ ...this.#state.query, tree }),
    onFoldEqual: (foldEqual) => this.#ask({ ...this.#state.query, foldEqual }),
    onUnfoldAll: (unfold) => this.#ask({ ...this.#state.query, unfolded: unfold ? "all" : [], except: [] }),
    onScope: (scope) => {
      this.#measurement.scope = scope;
    },
    onMeasure: () => this.#measure(),
    onCancel: () => this.#measurement.cancel(),
    onCopy: () => void this.#copyAll(),
    onExport: (format) => void this.#report(() => exportTable(this.#context, this.#state.query, format)),
  };

  readonly #listeners: GridListeners = {
    onScroll: () => {
      this.#keep({ scrollTop: this.#grid.scrollTop });
      this.#list.want(...this.#range());
      this.#draw(true);
    },
    onKey: (event) => this.#onKey(event),
    onFocus: (event) => {
      const heading = (event.target as HTMLElement).closest('[role="columnheader"]');
      if (heading === null) return;
      this.#heading = Number(heading.getAttribute("aria-colindex")) - 1;
      this.#draw();
    },
    ...linePointer({
      lineAt: (line) => this.#list.shown.get(line),
      moveTo: (line, isExtending) => this.#moveTo(line, isExtending),
      toggle: (line) => this.#toggle(line),
      open: (line) => void this.#open(line),
      tipOf: (cell, line) => cellTip(cell, line, this.#statisticsOf(line), this.#columns),
    }),
  };

  #onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (target.closest(".layers-headings") !== null) {
      this.#onHeadingKey(event, target);
      return;
    }
    const lines = this.#list.shown.lines ?? 0;
    const { line } = this.#state;
    const pageLines = Math.max(1, Math.floor(this.#viewHeight / this.#lineHeight) - 1);
    const action = treeAction(event, { line, lines, pageLines, at: this.#list.shown.get(line) });
    // Space would scroll the rows away from under the focus.
    if (action !== undefined || event.key === " ") event.preventDefault();
    if (action === undefined) return;
    if (action.kind === "move") this.#moveTo(action.line, action.extends);
    else if (action.kind === "fold" || action.kind === "unfold") this.#toggle(line);
    else if (action.kind === "parent") void this.#moveToParent(line);
    else if (action.kind === "open") void this.#open(line);
    else if (action.kind === "scroll") this.#grid.scrollLeft += action.direction * SIDE_STEP;
    else if (action.kind === "copy") void this.#copySelection();
    else {
      this.#keep({ anchor: 0, line: Math.max(0, lines - 1) });
      this.#wantsFocus = true;
      this.#draw();
      this.#context.announce(t("{0} lines selected", formatCount(lines)));
    }
  }

  #onHeadingKey(event: KeyboardEvent, target: HTMLElement): void {
    const wider = wideningOfKey(event);
    const column = target.closest<HTMLElement>("[data-column]")?.dataset["column"];
    const next = headingAfterKey(this.#grid, target, event.key);
    if (wider !== 0 && column !== undefined) this.#setWidths(widened(this.#grid, column, wider));
    else if (event.key === "ArrowDown") this.#moveTo(this.#state.line, false);
    else if (next === undefined) return;
    else next.focus();
    event.preventDefault();
  }

  #setWidths(widths: ColumnWidths | undefined): void {
    this.#keep({ widths });
    applyWidths(this.#grid, widths);
  }

  #moveTo(line: number, isExtending: boolean): void {
    const grid = this.#grid;
    const lines = this.#list.shown.lines ?? 0;
    const scrollTop = scrollTopFor(line, lines, this.#lineHeight, grid.scrollTop, this.#viewHeight);
    this.#keep({ line, anchor: isExtending ? this.#state.anchor : line, scrollTop });
    if (scrollTop !== grid.scrollTop) {
      grid.scrollTop = scrollTop;
      this.#list.want(...this.#range());
    }
    this.#wantsFocus = true;
    this.#draw();
  }

  #toggle(line: number): void {
    const at = this.#list.shown.get(line);
    if (at === undefined || !at.canUnfold) return;
    this.#wantsFocus = true;
    this.#ask(toggled(this.#state.query, at.id), { line, anchor: line });
  }

  #moveToParent(line: number): Promise<void> {
    return this.#report(async () => {
      const parent = await this.#list.parentOf(line);
      if (parent !== undefined) this.#moveTo(parent, false);
    });
  }

  /** The Tensor page of a weight; a part leads to the weight that it belongs to. */
  #open(line: number): Promise<void> {
    return this.#report(async () => {
      const { shown } = this.#list;
      const isPart = shown.get(line)?.kind === "part";
      const owner = isPart ? await this.#list.parentOf(line) : line;
      const name = owner === undefined ? undefined : shown.get(owner)?.name;
      if (name === undefined) return;
      this.#keep({ located: name });
      this.#context.navigate({ page: "tensor", weight: name });
    });
  }

  async #locate(name: string, signal: AbortSignal): Promise<void> {
    await this.#report(async () => {
      const found = await locateWeight(this.#context.request, this.#state.query, name, signal);
      if (found === undefined) return;
      const { line, query } = found;
      const lines = Math.max(line + 1, this.#list.lines ?? 0);
      const scrollTop = scrollTopFor(line, lines, this.#lineHeight, 0, this.#viewHeight);
      this.#wantsFocus = true;
      // In the middle, where what stands around it is seen too.
      const middle = scrollTop === 0 ? 0 : scrollTop + this.#viewHeight / 2;
      this.#ask(query, { line, anchor: line, scrollTop: middle, located: name });
    });
  }

  #measure(): void {
    void this.#measurement.start({
      query: this.#state.query,
      selected: async () => this.#selectedLines(),
      visible: async () => {
        const [begin, end] = this.#range();
        return this.#list.shown.load(begin, end);
      },
    });
  }

  /** A list that is sorted by a statistic has another order now. */
  #afterMeasuring(): void {
    const { sort } = this.#state.query;
    if (["absMaximum", "rms", "kurtosis", "outlierShare", "nonFiniteCount"].includes(sort))
      this.#ask(this.#state.query, {});
    else this.#draw();
  }

  #selectedLines(): Promise<readonly LayerLine[]> {
    const { line, anchor } = this.#state;
    const first = Math.min(line, anchor);
    return this.#list.shown.load(first, Math.min(Math.max(line, anchor) + 1, first + MOST_COPIED));
  }

  #copySelection(): Promise<void> {
    if (Math.abs(this.#state.line - this.#state.anchor) + 1 > MOST_COPIED) return this.#copyAll();
    return this.#report(async () =>
      copyLines(this.#context, await this.#selectedLines(), (line) => this.#statisticsOf(line)),
    );
  }

  #copyAll(): Promise<void> {
    return this.#report(() => copyTable(this.#context, this.#state.query));
  }

  /** Shows what went wrong above the table. */
  async #report(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isCancelled(error)) return;
      this.#failure = failureOf(error);
      this.#draw();
    }
  }
}
