import type { RequestFailure } from "../../protocol/envelope.js";
import type { LayerLine, LayerQuery, LayerStatistics } from "../../protocol/layer-messages.js";
import type { WorkProgress } from "../../protocol/request-map.js";
import { failureOf, isCancelled } from "../failure-view.js";
import { formatCount } from "../format-figures.js";
import type { PageContext } from "../page.js";
import { t } from "../texts.js";
import type { MeasureScope } from "./layers-toolbar.js";

/** Where the names of a scope come from. */
export interface MeasuredLines {
  readonly query: LayerQuery;
  selected(): Promise<readonly LayerLine[]>;
  visible(): Promise<readonly LayerLine[]>;
}

/** Lines of one request for names, and names of one request for statistics: as many as the host lets through. */
const BATCH = 10_000;

/** Statistics on demand: one run at a time, with progress and cancel; every result is there as soon as it is known. */
export class Measurement {
  scope: MeasureScope = "all";
  progress: WorkProgress | undefined;
  failure: RequestFailure | undefined;
  readonly #context: PageContext;
  readonly #onChange: () => void;
  readonly #onEnd: () => void;
  readonly #known = new Map<string, LayerStatistics>();
  #running: AbortController | undefined;

  constructor(context: PageContext, onChange: () => void, onEnd: () => void) {
    this.#context = context;
    this.#onChange = onChange;
    this.#onEnd = onEnd;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  of(name: string): LayerStatistics | undefined {
    return this.#known.get(name);
  }

  forget(): void {
    this.#known.clear();
  }

  cancel(): void {
    this.#running?.abort();
  }

  async start(lines: MeasuredLines): Promise<void> {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    this.progress = undefined;
    this.failure = undefined;
    this.#onChange();
    const { signal } = running;
    try {
      const names = await this.#names(lines, signal);
      if (names !== "all" && names.length === 0) this.#context.announce(t("No weight is among these lines."));
      else {
        const measured = await this.#measure(names, signal);
        this.#context.announce(t("{0} weights measured", formatCount(measured)));
      }
    } catch (error) {
      if (isCancelled(error)) this.#context.announce(t("Measuring was cancelled."));
      else this.failure = failureOf(error);
    } finally {
      this.#running = undefined;
      this.progress = undefined;
      this.#onEnd();
      this.#onChange();
    }
  }

  async #measure(names: readonly string[] | "all", signal: AbortSignal): Promise<number> {
    const total = names === "all" ? 0 : names.length;
    let measured = 0;
    for (let begin = 0; names === "all" ? begin === 0 : begin < total; begin += BATCH) {
      const batch = names === "all" ? names : names.slice(begin, begin + BATCH);
      const onProgress = (progress: WorkProgress & { readonly statistics?: LayerStatistics }): void => {
        if (progress.statistics !== undefined) this.#known.set(progress.statistics.name, progress.statistics);
        this.progress = total > BATCH ? { ...progress, done: begin + progress.done, total } : progress;
        this.#onChange();
      };
      const result = await this.#context.request("layers/statistics", { names: batch }, { signal, onProgress });
      measured += result.measured;
    }
    return measured;
  }

  async #names(lines: MeasuredLines, signal: AbortSignal): Promise<readonly string[] | "all"> {
    if (this.scope === "selected") return weightNames(await lines.selected());
    if (this.scope === "visible") return weightNames(await lines.visible());
    if (this.scope === "all" || lines.query.filter === "") return "all";
    const { filter, sort, descending } = lines.query;
    const names: string[] = [];
    for (let begin = 0; ; begin += BATCH) {
      const query = {
        filter,
        sort,
        descending,
        tree: false,
        foldEqual: false,
        unfolded: [],
        begin,
        end: begin + BATCH,
      };
      const window = await this.#context.request("layers/window", query, { signal });
      names.push(...weightNames(window.rows));
      if (begin + BATCH >= window.lines) return names;
    }
  }
}

function weightNames(lines: readonly LayerLine[]): string[] {
  return lines.filter((line) => line.kind === "weight").flatMap(({ name }) => (name === undefined ? [] : [name]));
}
