import type { RequestFailure } from "../../protocol/envelope.js";
import type { WorkProgress } from "../../protocol/request-map.js";
import type { Ask } from "../../protocol/rpc-client.js";
import type { OptionValues, TrialResult } from "../../protocol/trial-messages.js";
import { failureOf, isCancelled } from "../failure-view.js";
import { isSameSetting } from "../method-form/method-choice.js";

/** A method with the value of every option. */
export interface TrialSetting {
  readonly method: string;
  readonly options: OptionValues;
}

export type TrialPhase = "waiting" | "running" | "done" | "failed" | "cancelled";

/** One setting beside the others. */
export interface TrialCard {
  readonly key: number;
  readonly setting: TrialSetting;
  readonly isPinned: boolean;
  readonly phase: TrialPhase;
  readonly progress?: WorkProgress | undefined;
  readonly failure?: RequestFailure | undefined;
  /** Of this setting when the phase is "done"; while it waits or runs, what the setting before it gave. */
  readonly result?: TrialResult | undefined;
}

/** The engine keeps four trials: three pinned ones and the one that follows the form. */
export const MOST_PINNED = 3;

export interface TrialBoardOptions {
  readonly ask: Ask;
  readonly weight: string;
  /** Trials of the weight that the engine still has: their settings need no run. */
  readonly known?: readonly TrialResult[];
  /** Time without a change after which a new setting runs. */
  readonly delayMilliseconds: number;
  /** After every change of `cards`; `finished` is the card whose run ended in a result or failure. */
  onChange(finished?: TrialCard): void;
}

/**
 * The settings that are tried on one weight: one that follows the form, and pinned ones. One run at a time; a run whose
 * setting was changed meanwhile is cancelled, and its answer is never shown.
 */
export class TrialBoard {
  readonly #options: TrialBoardOptions;
  #current: TrialCard | undefined;
  #pinned: readonly TrialCard[] = [];
  #running: { readonly key: number; readonly controller: AbortController } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastKey = 0;
  #known: readonly TrialResult[];
  #isDisposed = false;

  constructor(options: TrialBoardOptions) {
    this.#options = options;
    this.#known = options.known ?? [];
  }

  /** Pinned ones in the order in which they were pinned, then the one of the form. */
  get cards(): readonly TrialCard[] {
    return this.#current === undefined ? this.#pinned : [...this.#pinned, this.#current];
  }

  get current(): TrialCard | undefined {
    return this.#current;
  }

  get canPin(): boolean {
    return this.#current?.phase === "done" && this.#pinned.length < MOST_PINNED;
  }

  /** Pins settings of an earlier session: their results are asked anew. */
  restore(settings: readonly TrialSetting[]): void {
    this.#pinned = settings.slice(0, MOST_PINNED).map((setting) => this.#newCard(setting, true));
    this.#options.onChange(this.#pinned.find(({ phase }) => phase === "done"));
    // The form's setting, chosen in the same turn, comes first.
    queueMicrotask(() => this.#runNext());
  }

  /**
   * The form's setting is now this one. It runs after the delay, or at once where `isImmediate` is true. A setting that is
   * pinned already is not tried twice.
   */
  choose(setting: TrialSetting, isImmediate = false): void {
    this.#stopTimer();
    if (this.#pinned.some((card) => isSameSetting(card.setting, setting))) {
      this.#dropCurrent();
      this.#options.onChange();
      return;
    }
    const before = this.#current;
    if (before !== undefined && isSameSetting(before.setting, setting) && !canRunAgain(before, isImmediate)) {
      // Its delay was stopped above.
      if (before.phase === "waiting") this.#schedule(isImmediate);
      return;
    }
    if (before !== undefined && this.#running?.key === before.key) this.#running.controller.abort();
    const card = this.#newCard(setting, false);
    // The form's card stays in its place; what it shows stays until there is something newer.
    this.#current = before === undefined ? card : { ...card, key: before.key, result: card.result ?? before.result };
    this.#options.onChange(card.phase === "done" ? this.#current : undefined);
    this.#schedule(isImmediate);
  }

  /** What stands in the form is not to be tried: what runs for it ends, what was tried before stays. */
  hold(): void {
    this.#stopTimer();
    const { key, phase } = this.#current ?? {};
    if (key === undefined || (phase !== "waiting" && phase !== "running")) return;
    this.#change(key, { phase: "cancelled", result: undefined });
    if (this.#running?.key === key) this.#running.controller.abort();
  }

  /** Keeps the form's setting beside those that come. */
  pin(): void {
    if (!this.canPin || this.#current === undefined) return;
    this.#pinned = [...this.#pinned, { ...this.#current, isPinned: true }];
    this.#current = undefined;
    this.#options.onChange();
  }

  remove(key: number): void {
    const card = this.#find(key);
    if (card === undefined) return;
    if (this.#running?.key === key) this.#running.controller.abort();
    this.#forget(card);
    this.#pinned = this.#pinned.filter((other) => other.key !== key);
    if (this.#current?.key === key) this.#current = undefined;
    this.#options.onChange();
  }

  /** Runs a card again: after a failure, a cancellation, or a stop of the engine. */
  retry(key: number): void {
    this.#change(key, { phase: "waiting", failure: undefined });
    this.#runNext();
  }

  /** Stops the run and every one that waits. */
  cancel(): void {
    this.#stopTimer();
    for (const { key, phase } of this.cards)
      if (phase === "waiting" || phase === "running") this.#change(key, { phase: "cancelled", result: undefined });
    this.#running?.controller.abort();
  }

  /** Ends what runs. Trials that are kept in the engine can be seen on the page of the tensor, and are found again. */
  dispose(keepsTrials: boolean): void {
    this.#isDisposed = true;
    this.#stopTimer();
    this.#running?.controller.abort();
    if (!keepsTrials) for (const card of this.cards) this.#forget(card);
  }

  #schedule(isImmediate: boolean): void {
    if (isImmediate) this.#runNext();
    else this.#timer = setTimeout(() => this.#endDelay(), this.#options.delayMilliseconds);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #endDelay(): void {
    this.#timer = undefined;
    this.#runNext();
  }

  #newCard(setting: TrialSetting, isPinned: boolean): TrialCard {
    this.#lastKey += 1;
    const card = { key: this.#lastKey, setting, isPinned };
    const result = this.#known.find((known) => isSameSetting(known, setting));
    this.#known = this.#known.filter((known) => known !== result);
    return result === undefined ? { ...card, phase: "waiting" } : { ...card, phase: "done", result };
  }

  #find(key: number): TrialCard | undefined {
    return this.cards.find((card) => card.key === key);
  }

  #change(key: number, change: Partial<TrialCard>, finished = false): void {
    const card = this.#find(key);
    if (card === undefined || this.#isDisposed) return;
    const changed = { ...card, ...change };
    if (this.#current?.key === key) this.#current = changed;
    else this.#pinned = this.#pinned.map((other) => (other.key === key ? changed : other));
    this.#options.onChange(finished ? changed : undefined);
  }

  #dropCurrent(): void {
    const card = this.#current;
    if (card === undefined) return;
    if (this.#running?.key === card.key) this.#running.controller.abort();
    this.#forget(card);
    this.#current = undefined;
  }

  /** Frees the engine's memory; whether it still had the trial makes no difference. */
  #forget({ result }: TrialCard): void {
    if (result !== undefined) this.#options.ask("trial/remove", { trial: result.trial }).catch(() => undefined);
  }

  /** Starts the next run: the form's, unless it may still change, before the pinned ones'. */
  #runNext(): void {
    if (this.#running !== undefined || this.#isDisposed) return;
    const candidates = this.#timer === undefined ? [this.#current, ...this.#pinned] : this.#pinned;
    const next = candidates.find((card) => card?.phase === "waiting");
    if (next !== undefined) void this.#run(next);
  }

  async #run({ key, setting, result: before }: TrialCard): Promise<void> {
    const { ask, weight } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    const running = { key, controller };
    this.#running = running;
    this.#change(key, { phase: "running", progress: undefined, failure: undefined });
    // With three pinned ones the engine has no room for the form's trial before last.
    if (before !== undefined) ask("trial/remove", { trial: before.trial }).catch(() => undefined);
    // Who aborts says what the card is then; an answer that comes nevertheless is of a setting that is gone.
    const end = (change: Partial<TrialCard>, finished: boolean): void => {
      if (!signal.aborted) this.#change(key, { progress: undefined, ...change }, finished);
    };
    const onProgress = (progress: WorkProgress): void => {
      if (!signal.aborted) this.#change(key, { progress });
    };
    try {
      const result = await ask("trial/run", { weight, ...setting }, { signal, onProgress });
      if (signal.aborted) ask("trial/remove", { trial: result.trial }).catch(() => undefined);
      else end({ phase: "done", result }, true);
    } catch (error) {
      if (isCancelled(error)) end({ phase: "cancelled", result: undefined }, false);
      else end({ phase: "failed", failure: failureOf(error), result: undefined }, true);
    } finally {
      if (this.#running === running) this.#running = undefined;
      this.#runNext();
    }
  }
}

/** A run that ended without a result runs again; one with a result only where it is asked for. */
function canRunAgain({ phase }: TrialCard, isAskedFor: boolean): boolean {
  return phase !== "waiting" && phase !== "running" && (isAskedFor || phase === "cancelled");
}
