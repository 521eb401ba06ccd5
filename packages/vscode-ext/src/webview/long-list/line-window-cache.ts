import type { LayerLine } from "../../protocol/layer-messages.js";

/** Lines of one request. */
export const PAGE_LINES = 200;
/** Requests kept: 20 000 lines; the rest is asked for again. */
const KEPT_PAGES = 100;

/** Some lines of a long list, and how long it is. */
export interface LineWindow<Line> {
  /** Lines of the whole list. */
  readonly lines: number;
  /** Weights that the filter lets through. */
  readonly weights: number;
  readonly rows: readonly Line[];
}

export type FetchLines<Line = LayerLine> = (
  begin: number,
  end: number,
  signal: AbortSignal,
) => Promise<LineWindow<Line>>;

type Loaded<Line> = { readonly rows: readonly Line[] };
type Loading<Line> = { readonly abort: AbortController; readonly done: Promise<readonly Line[]> };

/**
 * The lines of one query that are here, in pages. `want` asks for what is on the screen and a page to either side, and
 * takes back requests for what has been scrolled past.
 */
export class LineWindowCache<Line = LayerLine> {
  readonly #fetch: FetchLines<Line>;
  readonly #onChange: () => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #loaded = new Map<number, Loaded<Line>>();
  readonly #loading = new Map<number, Loading<Line>>();
  #lines: number | undefined;
  #weights = 0;
  #isDisposed = false;

  constructor(fetch: FetchLines<Line>, onChange: () => void, onFailure: (error: unknown) => void) {
    this.#fetch = fetch;
    this.#onChange = onChange;
    this.#onFailure = onFailure;
  }

  /** Of the whole list; absent before the first window is here. */
  get lines(): number | undefined {
    return this.#lines;
  }

  /** Weights that the filter lets through. */
  get weights(): number {
    return this.#weights;
  }

  get(line: number): Line | undefined {
    return this.#loaded.get(Math.floor(line / PAGE_LINES))?.rows[line % PAGE_LINES];
  }

  /** True where every line of the range that exists is here. */
  has(begin: number, end: number): boolean {
    const last = Math.min(end, this.#lines ?? end) - 1;
    for (let page = pageOf(begin); page <= pageOf(last); page += 1) if (!this.#loaded.has(page)) return false;
    return this.#lines !== undefined;
  }

  /** Asks for [begin, end) now and its neighbours; drops what nobody looks at any more. */
  want(begin: number, end: number): void {
    const first = pageOf(Math.max(0, begin));
    const last = pageOf(Math.max(0, Math.min(end, this.#lines ?? end) - 1));
    for (const [page, { abort }] of this.#loading) {
      if (page >= first - 1 && page <= last + 1) continue;
      this.#loading.delete(page);
      abort.abort();
    }
    for (let page = first; page <= last; page += 1) this.#ask(page);
    // The first answer tells how many lines there are: before it there are no neighbours.
    if (this.#lines === undefined) return;
    this.#ask(last + 1);
    this.#ask(first - 1);
  }

  /** Lines [begin, end), however many requests it takes; rejects with the request's error. */
  async load(begin: number, end: number): Promise<readonly Line[]> {
    const lines: Line[] = [];
    for (let page = pageOf(begin); page * PAGE_LINES < end; page += 1) {
      const rows = this.#loaded.get(page)?.rows ?? (await this.#request(page));
      const offset = page * PAGE_LINES;
      lines.push(...rows.slice(Math.max(0, begin - offset), Math.max(0, end - offset)));
      if (rows.length < PAGE_LINES) break;
    }
    return lines;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const { abort } of this.#loading.values()) abort.abort();
    this.#loading.clear();
  }

  #ask(page: number): void {
    if (page < 0 || this.#isDisposed || this.#loaded.has(page) || this.#loading.has(page)) return;
    if (this.#lines !== undefined && page * PAGE_LINES >= this.#lines) return;
    this.#request(page).then(this.#onChange, (error: unknown) => {
      if (!this.#isDisposed) this.#onFailure(error);
    });
  }

  #request(page: number): Promise<readonly Line[]> {
    const under = this.#loading.get(page);
    if (under !== undefined) return under.done;
    const abort = new AbortController();
    const begin = page * PAGE_LINES;
    const done = this.#fetch(begin, begin + PAGE_LINES, abort.signal).then(
      (window) => {
        this.#loading.delete(page);
        this.#lines = window.lines;
        this.#weights = window.weights;
        this.#keep(page, window.rows);
        return window.rows;
      },
      (error: unknown) => {
        if (this.#loading.get(page)?.abort === abort) this.#loading.delete(page);
        throw error;
      },
    );
    this.#loading.set(page, { abort, done });
    return done;
  }

  #keep(page: number, rows: readonly Line[]): void {
    this.#loaded.set(page, { rows });
    // A map goes through its keys in the order they came: the first is the oldest.
    for (const oldest of this.#loaded.keys()) {
      if (this.#loaded.size <= KEPT_PAGES) break;
      this.#loaded.delete(oldest);
    }
  }
}

function pageOf(line: number): number {
  return Math.floor(line / PAGE_LINES);
}
