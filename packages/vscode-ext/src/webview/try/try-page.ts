import { nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { PagePlace, RequestFailure } from "../../protocol/envelope.js";
import type { TensorFacts } from "../../protocol/tensor-messages.js";
import type { MethodForm, TrialResult } from "../../protocol/trial-messages.js";
import { failureOf, isCancelled } from "../failure-view.js";
import { formatBits, formatReal } from "../format-figures.js";
import { drawKeepingFocus } from "../keep-focus.js";
import {
  choiceOf,
  defaultChoice,
  describeSetting,
  formOf,
  isSameSetting,
  readChoice,
} from "../method-form/method-choice.js";
import { methodForm } from "../method-form/method-form.js";
import type { MountPage, Page, PageContext } from "../page.js";
import { t } from "../texts.js";
import { createWeightPicker, type WeightPicker } from "../weight-picker/weight-picker.js";
import { bitsChart } from "./bits-chart.js";
import { chartPoints, finishedResults, letterOf } from "./chart-points.js";
import { OriginalDistribution } from "./original-distribution.js";
import { TrialBoard, type TrialCard, type TrialSetting } from "./trial-board.js";
import { trialCard } from "./trial-card.js";
import { TrialPictureSet } from "./trial-picture-set.js";
import { tryActions } from "./try-actions.js";
import { parseTryState, type TryState } from "./try-state.js";
import { tryTemplate, tryWorkbench } from "./try-template.js";
import "./try.css";

/** Time without a change after which a changed setting runs. */
const LIVE_DELAY = 350;

export const mountTryPage: MountPage = (container, place, context) => {
  const page = new TryPage(container, context);
  page.update(place);
  return page;
};

/** "Try a quantization": a form, and what it would make of one weight, beside up to three other settings. */
export class TryPage implements Page {
  readonly #container: HTMLElement;
  readonly #context: PageContext;
  readonly #leaving = new AbortController();
  readonly #picker: WeightPicker;
  readonly #body: HTMLElement;
  readonly #pictures: TrialPictureSet;
  #state: TryState;
  #methods: readonly MethodForm[] | undefined;
  #failure: RequestFailure | undefined;
  #weight: string | undefined;
  #facts: TensorFacts | undefined;
  #opening: AbortController | undefined;
  #board: TrialBoard | undefined;
  #original: OriginalDistribution | undefined;

  constructor(container: HTMLElement, context: PageContext) {
    this.#container = container;
    this.#context = context;
    this.#state = parseTryState(context.kept);
    const head = container.appendChild(document.createElement("div"));
    this.#body = container.appendChild(document.createElement("div"));
    head.className = "try-head";
    this.#body.className = "try-body";
    this.#pictures = new TrialPictureSet(this.#body, context);
    this.#picker = createWeightPicker(head, {
      request: context.request,
      label: t("Weight"),
      testId: "try-weight",
      onPick: (weight) => context.navigate({ page: "try", weight }),
    });
  }

  update({ weight }: PagePlace): void {
    this.#picker.update(weight);
    if (weight === this.#weight && this.#facts !== undefined) return;
    this.#weight = weight;
    void this.#open(weight);
  }

  settingsChanged(): void {
    this.#pictures.clear();
    this.#draw();
  }

  themeChanged(): void {
    this.#pictures.themeChanged();
  }

  dispose(): void {
    this.#leaving.abort();
    this.#opening?.abort();
    this.#closeWeight(true);
    this.#picker.dispose();
  }

  #closeWeight(keepsTrials: boolean): void {
    this.#board?.dispose(keepsTrials);
    this.#board = undefined;
    this.#facts = undefined;
    this.#original?.dispose();
    this.#original = undefined;
    this.#pictures.clear();
  }

  async #open(weight: string | undefined): Promise<void> {
    this.#opening?.abort();
    this.#closeWeight(false);
    this.#failure = undefined;
    if (weight === undefined) {
      this.#draw();
      return;
    }
    const opening = new AbortController();
    this.#opening = opening;
    this.#draw();
    const { request } = this.#context;
    let known: readonly TrialResult[] = [];
    try {
      const [{ methods }, facts, { trials }] = await Promise.all([
        request("trial/methods", {}, { signal: opening.signal }),
        request("tensor/facts", { name: weight }, { signal: opening.signal }),
        request("trial/list", { weight }, { signal: opening.signal }),
      ]);
      if (this.#opening !== opening) return;
      this.#methods = methods;
      this.#facts = facts;
      known = trials;
    } catch (error) {
      if (this.#opening !== opening || isCancelled(error)) return;
      this.#failure = failureOf(error);
    }
    this.#opening = undefined;
    if (this.#facts?.hasValues) this.#begin(weight, known);
    this.#draw();
  }

  #begin(weight: string, trials: readonly TrialResult[]): void {
    const methods = this.#methods ?? [];
    const { choice } = this.#state;
    const known = choice !== undefined && formOf(methods, choice) !== undefined ? choice : defaultChoice(methods);
    this.#state = { ...this.#state, ...(known && { choice: known }) };
    this.#original = new OriginalDistribution(this.#context.request, weight, (failure) => {
      this.#failure = failure;
      this.#draw();
    });
    this.#board = new TrialBoard({
      ask: this.#context.request,
      weight,
      known: trials,
      delayMilliseconds: LIVE_DELAY,
      onChange: (finished) => this.#boardChanged(finished),
    });
    this.#board.restore(this.#state.pinned);
    if (this.#state.isLive) this.#chooseFromForm(true);
  }

  /** The setting that stands in the form; absent where a field is not allowed. */
  #setting(): TrialSetting | undefined {
    const { choice } = this.#state;
    const form = choice && formOf(this.#methods ?? [], choice);
    if (choice === undefined || form === undefined) return undefined;
    const { options } = readChoice(form, choice);
    return options && { method: choice.method, options };
  }

  #chooseFromForm(isImmediate: boolean): void {
    const setting = this.#setting();
    if (setting === undefined) this.#board?.hold();
    else this.#board?.choose(setting, isImmediate);
  }

  #change(state: TryState): void {
    const isSameForm = state.choice === this.#state.choice;
    this.#state = state;
    this.#context.keep(state);
    if (!isSameForm) {
      if (state.isLive) this.#chooseFromForm(false);
      else this.#board?.hold();
    }
    this.#draw();
  }

  #boardChanged(finished: TrialCard | undefined): void {
    const board = this.#board;
    if (board === undefined || this.#leaving.signal.aborted) return;
    const pinned = board.cards.filter(({ isPinned }) => isPinned).map(({ setting }) => setting);
    if (pinned.length !== this.#state.pinned.length || pinned.some((each, at) => each !== this.#state.pinned[at])) {
      this.#state = { ...this.#state, pinned };
      this.#context.keep(this.#state);
    }
    if (finished !== undefined) this.#announce(finished);
    if (finished?.result !== undefined) this.#original?.ask(finished.result.histogram.counts.length);
    this.#draw();
  }

  #announce({ setting, phase, result, failure }: TrialCard): void {
    const label = this.#label(setting);
    if (phase === "done" && result !== undefined) {
      const { storedBitsPerWeight, sqnrDb } = result;
      this.#context.announce(
        t("{0}: {1} bits per weight, SQNR {2} dB.", label, formatBits(storedBitsPerWeight), formatReal(sqnrDb)),
      );
    } else if (failure !== undefined) this.#context.announce(t("{0} failed: {1}", label, failure.message));
  }

  #label({ method, options }: TrialSetting): string {
    return describeSetting(
      this.#methods?.find(({ name }) => name === method),
      method,
      options,
    );
  }

  #draw(): void {
    if (this.#leaving.signal.aborted) return;
    const cards = this.#board?.cards ?? [];
    this.#container.setAttribute("aria-busy", String(this.#opening !== undefined || isWorking(cards)));
    const card = this.#body.ownerDocument.activeElement?.closest(".trial-card");
    drawKeepingFocus(
      this.#body,
      () =>
        render(
          tryTemplate({
            weight: this.#weight,
            facts: this.#facts,
            failure: this.#failure,
            onRetry: () => void this.#open(this.#weight),
            workbench: () => this.#workbench(cards),
          }),
          this.#body,
        ),
      // Buttons of a card come and go with its state: the focus stays on the card, else it goes to the form.
      () =>
        (card?.isConnected ? card.querySelector<HTMLElement>("button:not(:disabled)") : null) ??
        this.#body.querySelector<HTMLElement>('[data-testid="try-run"]:not(:disabled)') ??
        this.#body.querySelector<HTMLElement>("#try-method"),
    );
    const { isLogarithmic } = this.#state;
    if (this.#facts !== undefined)
      this.#pictures.update(cards, {
        facts: this.#facts,
        original: this.#original?.value,
        isLogarithmic,
        labelOf: (setting) => this.#label(setting),
      });
  }

  #workbench(cards: readonly TrialCard[]): TemplateResult {
    const { choice } = this.#state;
    return tryWorkbench({
      form:
        choice === undefined
          ? nothing
          : methodForm({
              methods: this.#methods ?? [],
              choice,
              prefix: "try",
              failure: this.#board?.current?.failure,
              onChange: (changed) => this.#change({ ...this.#state, choice: changed }),
            }),
      actions: tryActions({
        state: this.#state,
        canRun: this.#setting() !== undefined,
        isWorking: isWorking(cards),
        onRun: () => this.#runNow(),
        onCancel: () => this.#board?.cancel(),
        onQuantize: () => this.#quantize(),
        onChange: (state) => this.#changeActions(state),
      }),
      failure: this.#failure,
      hasCards: cards.length > 0,
      canCompare: finishedResults(cards).length > 1,
      cards: repeat(
        cards,
        ({ key }) => key,
        (card, index) => this.#card(card, index, cards),
      ),
      chart: bitsChart(chartPoints(cards, (setting) => this.#label(setting))),
    });
  }

  #quantize(): void {
    const setting = this.#setting();
    if (setting !== undefined) this.#context.navigate({ page: "quantize", setting });
  }

  #changeActions(state: TryState): void {
    const becomesLive = state.isLive && !this.#state.isLive;
    this.#change(state);
    if (becomesLive) this.#chooseFromForm(false);
  }

  /** Runs the form's setting; one that is pinned runs where it is pinned. */
  #runNow(): void {
    const setting = this.#setting();
    if (setting === undefined) return;
    const pinned = this.#board?.cards.find((card) => card.isPinned && isSameSetting(card.setting, setting));
    if (pinned === undefined) this.#board?.choose(setting, true);
    else if (pinned.phase !== "done") this.#board?.retry(pinned.key);
  }

  #card(card: TrialCard, index: number, cards: readonly TrialCard[]): TemplateResult {
    const board = this.#board;
    const setting = this.#setting();
    return trialCard({
      card,
      isOfForm: setting !== undefined && isSameSetting(setting, card.setting),
      letter: letterOf(index),
      label: this.#label(card.setting),
      results: finishedResults(cards),
      canPin: board?.canPin ?? false,
      onPin: () => this.#pin(card),
      onUse: () => this.#use(card),
      onRemove: () => this.#remove(card),
      onRetry: () => board?.retry(card.key),
      onCancel: () => board?.cancel(),
    });
  }

  #pin(card: TrialCard): void {
    this.#board?.pin();
    this.#context.announce(t("Pinned: {0}", this.#label(card.setting)));
    this.#body.querySelector<HTMLElement>(`[data-key="${card.key}"] button`)?.focus();
  }

  #use({ setting }: TrialCard): void {
    const form = this.#methods?.find(({ name }) => name === setting.method);
    if (form !== undefined) this.#change({ ...this.#state, choice: choiceOf(form, setting.options) });
  }

  /** The button that had the focus is gone: the next card's takes it, else the form's. */
  #remove(card: TrialCard): void {
    const index = this.#board?.cards.indexOf(card) ?? 0;
    this.#board?.remove(card.key);
    const buttons = this.#body.querySelectorAll<HTMLElement>('[data-testid="try-remove"]');
    (buttons[Math.min(index, buttons.length - 1)] ?? this.#body.querySelector<HTMLElement>("#try-method"))?.focus();
  }
}

function isWorking(cards: readonly TrialCard[]): boolean {
  return cards.some(({ phase }) => phase === "waiting" || phase === "running");
}
