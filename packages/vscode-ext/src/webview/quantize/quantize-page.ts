import { html, render, type TemplateResult } from "lit";
import type { PagePlace, RequestFailure } from "../../protocol/envelope.js";
import type { QuantizeForecast, QuantizeSettings } from "../../protocol/quantize-messages.js";
import type { MethodForm } from "../../protocol/trial-messages.js";
import { failureOf, failureView, isCancelled } from "../failure-view.js";
import { formatBits } from "../format-figures.js";
import { drawKeepingFocus } from "../keep-focus.js";
import { choiceOf, defaultChoice, formOf, type MethodChoice, readChoice } from "../method-form/method-choice.js";
import { methodForm } from "../method-form/method-form.js";
import type { MountPage, Page, PageContext } from "../page.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { failurePlace } from "./failure-place.js";
import { forecastView } from "./forecast-view.js";
import { readKeepGlobs } from "./keep-globs.js";
import { failureLine, isWholePath, quantizeFields } from "./quantize-form.js";
import { QuantizeRun } from "./quantize-run.js";
import { parseQuantizeState, type QuantizeState } from "./quantize-state.js";
import { quantizeUnavailable, runOutcome } from "./run-outcome.js";
import { suggestedOutput } from "./suggested-output.js";
import "./quantize.css";

/** Time without a change after which the plan is asked for. */
const PREVIEW_DELAY = 400;

/** Tensors of the plan that are shown before more are asked for. */
const FIRST_TENSORS = 100;

/** The run of this webview, over all visits of the page. */
const lastRun: QuantizeRun = new QuantizeRun();

export const mountQuantizePage: MountPage = (container, place, context) => {
  const page = new QuantizePage(container, context, lastRun);
  page.update(place);
  return page;
};

/** "Quantize": a form, the plan that it makes, and the start of the run. */
export class QuantizePage implements Page {
  readonly #container: HTMLElement;
  readonly #context: PageContext;
  readonly #run: QuantizeRun;
  readonly #leaving = new AbortController();
  #state: QuantizeState;
  #methods: readonly MethodForm[] | undefined;
  #failure: RequestFailure | undefined;
  #forecast: QuantizeForecast | undefined;
  #forecastFailure: RequestFailure | undefined;
  #asking: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #outputProblem: string | undefined;
  #shownTensors = FIRST_TENSORS;

  constructor(container: HTMLElement, context: PageContext, run: QuantizeRun) {
    this.#container = container;
    this.#context = context;
    this.#run = run;
    this.#state = parseQuantizeState(context.kept);
    run.listen(() => this.#runChanged());
    if (context.cannotQuantize === undefined) void this.#loadMethods();
  }

  update({ setting }: PagePlace): void {
    if (setting !== undefined) {
      const form = this.#methods?.find(({ name }) => name === setting.method);
      const texts = Object.entries(setting.options).map(([name, value]) => [name, String(value)]);
      const choice = form
        ? choiceOf(form, setting.options)
        : { method: setting.method, texts: Object.fromEntries(texts) };
      this.#change({ ...this.#state, choice });
    }
    this.#draw();
  }

  dispose(): void {
    this.#leaving.abort();
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#run.listen(undefined);
  }

  async #loadMethods(): Promise<void> {
    this.#failure = undefined;
    this.#draw();
    try {
      const { methods } = await this.#context.request("trial/methods", {}, { signal: this.#leaving.signal });
      this.#methods = methods;
      this.#state = { ...this.#state, ...knownChoice(methods, this.#state.choice) };
      void this.#preview();
    } catch (error) {
      if (isCancelled(error)) return;
      this.#failure = failureOf(error);
    }
    this.#draw();
  }

  #change(state: QuantizeState): void {
    this.#state = state;
    this.#outputProblem = undefined;
    this.#run.clear();
    this.#context.keep(state);
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#preview(), PREVIEW_DELAY);
    this.#draw();
  }

  /** What the form says; absent where a field is not allowed. */
  #settings(output: string): QuantizeSettings | undefined {
    const { choice, keep, force } = this.#state;
    const form = choice && this.#methods && formOf(this.#methods, choice);
    if (choice === undefined || form === undefined) return undefined;
    const { options } = readChoice(form, choice);
    return options && { method: choice.method, options, output, keep: readKeepGlobs(keep), force };
  }

  #suggestion(): string {
    const settings = this.#settings("");
    return suggestedOutput(this.#context.model.name, settings?.method ?? "", settings?.options ?? {});
  }

  async #preview(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const entered = this.#state.output.trim();
    const settings = this.#settings(entered === "" ? this.#suggestion() : entered);
    if (settings === undefined) {
      this.#forecast = undefined;
      return this.#draw();
    }
    const asking = new AbortController();
    this.#asking = asking;
    this.#draw();
    try {
      const forecast = await this.#context.request("quantize/forecast", settings, { signal: asking.signal });
      if (this.#asking !== asking) return;
      this.#forecast = forecast;
      this.#forecastFailure = undefined;
      this.#context.announce(
        t(
          "Plan: {0} tensors quantized, {1} bits per weight.",
          forecast.quantizedTensors,
          formatBits(forecast.bitsPerWeight),
        ),
      );
    } catch (error) {
      if (this.#asking !== asking || isCancelled(error)) return;
      this.#forecast = undefined;
      this.#forecastFailure = failureOf(error);
      this.#context.announce(t("No plan: {0}", this.#forecastFailure.message));
    }
    this.#asking = undefined;
    this.#draw();
  }

  async #pickOutput(): Promise<string | undefined> {
    try {
      const { path } = await this.#context.request("host/pick-output", { suggestion: this.#suggestion() });
      if (path !== undefined) this.#change({ ...this.#state, output: path });
      return path;
    } catch (error) {
      if (!isCancelled(error)) this.#outputProblem = failureLine(failureOf(error));
      this.#draw();
      return undefined;
    }
  }

  async #start(): Promise<void> {
    const entered = this.#state.output.trim();
    if (entered !== "" && !isWholePath(entered)) {
      this.#outputProblem = t("Enter the whole path, from the root of the disk, or choose it.");
      this.#draw();
      this.#container.querySelector<HTMLElement>("#quantize-output")?.focus();
      return;
    }
    const output = entered === "" ? await this.#pickOutput() : entered;
    if (output === undefined) return;
    const settings = this.#settings(output);
    if (settings === undefined) {
      this.#container.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    await this.#run.start(this.#context.request, settings);
  }

  #runChanged(): void {
    const { state } = this.#run;
    this.#draw();
    if (state.phase === "running")
      this.#context.announce(t("Quantization started. Its progress is in a notification."));
    if (state.phase === "done") this.#context.announce(t("Quantization complete: {0}", state.output));
    if (state.phase === "failed") this.#context.announce(t("Quantization failed: {0}", state.failure.message));
    if (state.phase === "cancelled") this.#context.announce(t("Quantization cancelled; the output was not made."));
  }

  #draw(): void {
    if (this.#leaving.signal.aborted) return;
    const isWaiting = this.#asking !== undefined || (this.#methods === undefined && this.#failure === undefined);
    const { cannotQuantize } = this.#context;
    this.#container.setAttribute("aria-busy", String(cannotQuantize === undefined && isWaiting));
    const content = html`<div class="quantize-page">
      <h2>${t("Quantize")}</h2>
      ${cannotQuantize === undefined ? this.#whole() : quantizeUnavailable(cannotQuantize)}
    </div>`;
    drawKeepingFocus(
      this.#container,
      () => render(content, this.#container),
      () =>
        this.#container.querySelector<HTMLElement>(".quantize-outcome") ??
        this.#container.querySelector<HTMLElement>(".quantize-side button:not(:disabled)"),
    );
  }

  #whole(): TemplateResult {
    if (this.#failure !== undefined) return failureView(this.#failure, () => void this.#loadMethods());
    const { choice } = this.#state;
    if (this.#methods === undefined || choice === undefined) return html`<p class="muted">${t("Loading…")}</p>`;
    const form = formOf(this.#methods, choice);
    const run = this.#run.state;
    const failure = run.phase === "failed" ? run.failure : this.#forecastFailure;
    const where = failure && failurePlace(failure, form);
    const line = failure && failureLine(failure);
    const isDisabled = run.phase === "running";
    return html`
      <p class="page-lead">
        ${t("Writes a new checkpoint; {0} stays as it is. Nothing is written before you start.", visibleText(this.#context.model.name, 80))}
      </p>
      <div class="quantize-columns">
        <section aria-label=${t("Settings")}>
          <h3>${t("Settings")}</h3>
          ${methodForm({
            methods: this.#methods,
            choice,
            prefix: "quantize",
            isDisabled,
            failure: where === "options" ? failure : undefined,
            onChange: (changed) => this.#change({ ...this.#state, choice: changed }),
          })}
          ${quantizeFields({
            state: this.#state,
            suggestion: this.#suggestion(),
            isDisabled,
            outputProblem: this.#outputProblem ?? (where === "output" ? line : undefined),
            keepProblem: where === "keep" ? line : undefined,
            onChange: (state) => this.#change(state),
            onPickOutput: () => void this.#pickOutput(),
          })}
        </section>
        <section class="quantize-side" aria-label=${t("Plan")}>
          <h3>${t("Plan")}</h3>
          ${this.#actions(isDisabled)} ${where === "whole" && failure ? failureView(failure) : runOutcome(run, (path) => void this.#openResult(path))} ${this.#plan()}
        </section>
      </div>
    `;
  }

  #actions(isDisabled: boolean): TemplateResult {
    const canRun = this.#settings("") !== undefined;
    return html`<div class="quantize-actions">
      <button
        type="button"
        data-testid="quantize-run"
        ?disabled=${isDisabled || !canRun}
        @click=${() => void this.#start()}
      >
        ${t("Quantize model…")}
      </button>
      <button
        type="button"
        class="secondary"
        data-testid="quantize-preview"
        ?disabled=${isDisabled || !canRun}
        @click=${() => void this.#preview()}
      >
        ${t("Update plan")}
      </button>
    </div>`;
  }

  async #openResult(path: string): Promise<void> {
    await this.#context.request("host/open-model", { path }).catch((error: unknown) => {
      this.#forecastFailure = failureOf(error);
      this.#draw();
    });
  }

  #plan(): TemplateResult {
    if (this.#forecast === undefined) {
      if (this.#asking !== undefined) return html`<p class="muted">${t("Working out the plan…")}</p>`;
      return html`<p class="muted">${t("No plan: a setting beside is not allowed.")}</p>`;
    }
    return html`<div class="quantize-plan" ?inert=${this.#asking !== undefined}>
      ${forecastView(this.#forecast, {
        context: this.#context,
        shownTensors: this.#shownTensors,
        onMore: () => {
          this.#shownTensors = Number.POSITIVE_INFINITY;
          this.#draw();
        },
      })}
    </div>`;
  }
}

/** The kept choice where its method still exists, else the first method's defaults. */
function knownChoice(methods: readonly MethodForm[], choice: MethodChoice | undefined): Pick<QuantizeState, "choice"> {
  const known = choice !== undefined && formOf(methods, choice) !== undefined ? choice : defaultChoice(methods);
  return known === undefined ? {} : { choice: known };
}
