import type { RequestFailure } from "../../protocol/envelope.js";
import type { LayerQuery } from "../../protocol/layer-messages.js";
import type { Ask } from "../../protocol/rpc-client.js";
import { failureOf, isCancelled } from "../failure-view.js";
import { LineWindowCache } from "../long-list/line-window-cache.js";

/** Lines looked through at once for the line that another stands under. */
const STEP = 200;

/** The list of the query that is asked for, and until its first lines are here that of the query before. */
export class LayerList {
  failure: RequestFailure | undefined;
  readonly #request: Ask;
  readonly #onChange: () => void;
  #cache: LineWindowCache;
  #previous: LineWindowCache | undefined;

  constructor(request: Ask, query: LayerQuery, onChange: () => void) {
    this.#request = request;
    this.#onChange = onChange;
    this.#cache = this.#cacheOf(query);
  }

  /** The lines to be seen: those of the query before while the new ones are on their way. */
  get shown(): LineWindowCache {
    return this.#cache.lines === undefined && this.#previous !== undefined ? this.#previous : this.#cache;
  }

  /** Length of the list that is asked for; absent while its first lines are on their way. */
  get lines(): number | undefined {
    return this.#cache.lines;
  }

  ask(query: LayerQuery): void {
    if (this.#cache.lines === undefined) this.#cache.dispose();
    else {
      this.#previous?.dispose();
      this.#previous = this.#cache;
    }
    this.failure = undefined;
    this.#cache = this.#cacheOf(query);
  }

  want(begin: number, end: number): void {
    this.#cache.want(begin, end);
  }

  /** True where these lines are on their way. */
  isMissing(begin: number, end: number): boolean {
    return this.failure === undefined && !this.#cache.has(begin, end);
  }

  /** The line that this one stands under, absent at the top. */
  async parentOf(line: number): Promise<number | undefined> {
    const { shown } = this;
    const at = shown.get(line);
    if (at === undefined || at.depth === 0) return undefined;
    for (let end = line; end > 0; end -= STEP) {
      const begin = Math.max(0, end - STEP);
      const lines = await shown.load(begin, end);
      const index = lines.findLastIndex(({ depth }) => depth < at.depth);
      if (index >= 0) return begin + index;
    }
    return undefined;
  }

  dispose(): void {
    this.#cache.dispose();
    this.#previous?.dispose();
  }

  #cacheOf(query: LayerQuery): LineWindowCache {
    const cache: LineWindowCache = new LineWindowCache(
      (begin, end, signal) => this.#request("layers/window", { ...query, begin, end }, { signal }),
      () => {
        if (cache !== this.#cache) return;
        this.#previous?.dispose();
        this.#previous = undefined;
        this.failure = undefined;
        this.#onChange();
      },
      (error) => {
        if (cache !== this.#cache || isCancelled(error)) return;
        this.failure = failureOf(error);
        this.#onChange();
      },
    );
    return cache;
  }
}
