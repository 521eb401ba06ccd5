import type { ComparedStructure, CompareQuery, CompareWeightsPage } from "../../protocol/compare-messages.js";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { WorkProgress } from "../../protocol/request-map.js";
import type { Ask } from "../../protocol/rpc-client.js";
import { failureOf, isCancelled } from "../failure-view.js";

export type MeasurePhase = "idle" | "running" | "stopped" | "complete";

export interface ComparisonOptions {
  readonly ask: Ask;
  readonly path: string;
  /** Something that is shown changed. */
  onChange(): void;
  /** Figures of weights came in: what was asked for is old. */
  onFigures(): void;
}

/** Time between two looks at the figures while they come in. */
const FIGURES_INTERVAL = 500;

/** Two checkpoints side by side: opened, then measured weight by weight. One at a time. */
export class Comparison {
  readonly #options: ComparisonOptions;
  readonly #closing = new AbortController();
  #structure: ComparedStructure | undefined;
  #failure: RequestFailure | undefined;
  #phase: MeasurePhase = "idle";
  #progress: WorkProgress | undefined;
  #measuring: AbortController | undefined;
  #figuresTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Absent until the other checkpoint is open. */
  get structure(): ComparedStructure | undefined {
    return this.#structure;
  }

  get failure(): RequestFailure | undefined {
    return this.#failure;
  }

  get phase(): MeasurePhase {
    return this.#phase;
  }

  get progress(): WorkProgress | undefined {
    return this.#progress;
  }

  /** Opens the other checkpoint; then measures, unless the user stopped that before. */
  async open(measures: boolean): Promise<void> {
    this.#failure = undefined;
    const { ask, path, onChange } = this.#options;
    onChange();
    try {
      this.#structure = await ask("compare/open", { path }, { signal: this.#closing.signal });
    } catch (error) {
      if (this.#isClosed) return;
      this.#failure = failureOf(error);
      onChange();
      return;
    }
    if (this.#isClosed) return;
    onChange();
    if (measures && this.#structure.pairs > 0) await this.measure();
    else this.#phase = this.#structure.pairs > 0 ? "stopped" : "complete";
    onChange();
  }

  /** Measures every pair that is not measured yet. */
  async measure(): Promise<void> {
    if (this.#phase === "running" || this.#isClosed) return;
    const measuring = new AbortController();
    this.#measuring = measuring;
    this.#phase = "running";
    this.#progress = undefined;
    this.#failure = undefined;
    this.#options.onChange();
    const onProgress = (progress: WorkProgress): void => {
      if (measuring.signal.aborted) return;
      this.#progress = progress;
      this.#options.onChange();
      this.#figuresTimer ??= setTimeout(() => this.#tellFigures(), FIGURES_INTERVAL);
    };
    try {
      await this.#options.ask("compare/run", {}, { signal: measuring.signal, onProgress });
      if (this.#isClosed) return;
      this.#phase = "complete";
    } catch (error) {
      if (this.#isClosed) return;
      this.#phase = "stopped";
      if (!isCancelled(error)) this.#failure = failureOf(error);
    }
    this.#progress = undefined;
    this.#tellFigures();
    this.#options.onChange();
  }

  stop(): void {
    this.#measuring?.abort();
  }

  /** Some lines of the table; the last ones asked for also tell skyline and totals. */
  weights(query: CompareQuery, signal: AbortSignal): Promise<CompareWeightsPage> {
    return this.#options.ask("compare/weights", query, { signal });
  }

  /** The page goes, or another checkpoint comes. What the engine has measured stays there until another one is opened. */
  dispose(): void {
    this.#closing.abort();
    this.#measuring?.abort();
    clearTimeout(this.#figuresTimer);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #tellFigures(): void {
    clearTimeout(this.#figuresTimer);
    this.#figuresTimer = undefined;
    if (!this.#isClosed) this.#options.onFigures();
  }
}
