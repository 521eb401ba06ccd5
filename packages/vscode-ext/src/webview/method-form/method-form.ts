import { html, nothing, type TemplateResult } from "lit";
import type { RequestFailure } from "../../protocol/envelope.js";
import type { MethodForm } from "../../protocol/trial-messages.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { formOf, type MethodChoice, optionText, readChoice, withMethod, withOption } from "./method-choice.js";
import { optionField } from "./option-field.js";
import "./method-form.css";

export interface MethodFormView {
  readonly methods: readonly MethodForm[];
  readonly choice: MethodChoice;
  /** What the engine said about the choice, where it refused it. */
  readonly failure?: RequestFailure | undefined;
  /** Begin of the ids on the page: "try", "quantize". */
  readonly prefix: string;
  readonly isDisabled?: boolean;
  onChange(choice: MethodChoice): void;
}

/** Method and options, as the method's option table declares them. */
export function methodForm(view: MethodFormView): TemplateResult {
  const { methods, choice, prefix, onChange, isDisabled = false } = view;
  const form = formOf(methods, choice);
  const problems = form === undefined ? {} : problemsOf(form, view);
  const changeMethod = (event: Event): void => {
    const chosen = methods.find(({ name }) => name === (event.target as HTMLSelectElement).value);
    if (chosen !== undefined) onChange(withMethod(choice, chosen));
  };
  return html`
    <div class="method-form">
      <div class="field">
        <label for="${prefix}-method">${t("Method")}</label>
        <select
          id="${prefix}-method"
          data-testid="${prefix}-method"
          ?disabled=${isDisabled}
          aria-describedby="${prefix}-method-summary"
          @change=${changeMethod}
        >
          ${methods.map(({ name }) => html`<option value=${name} .selected=${name === choice.method}>${visibleText(name, 100)}</option>`)}
        </select>
        <p class="field-help" id="${prefix}-method-summary">
          ${form === undefined ? nothing : html`${visibleText(form.summary)} ${t("Source: {0}.", visibleText(form.source))}`}
        </p>
      </div>
      ${form?.options.map((field) =>
        optionField({
          field,
          text: optionText(field, choice),
          problem: problems[field.name],
          prefix,
          isDisabled,
          onInput: (text) => onChange(withOption(choice, field, text)),
        }),
      )}
      <button
        type="button"
        class="secondary"
        data-testid="${prefix}-reset"
        ?disabled=${isDisabled || Object.keys(choice.texts).length === 0}
        @click=${() => onChange({ ...choice, texts: {} })}
      >
        ${t("Reset options")}
      </button>
    </div>
  `;
}

/** What is wrong with each field: what does not read, else what the engine refused. */
function problemsOf(form: MethodForm, { choice, failure }: MethodFormView): Readonly<Record<string, string>> {
  const reading = readChoice(form, choice);
  if (reading.problems !== undefined) return reading.problems;
  const named = optionsOfFailure(form, failure);
  return Object.fromEntries(named.map((name) => [name, `${failure?.message} (${failure?.code})`]));
}

/** Options of the form that a failure is about: their fields show it, and it needs no other place. */
export function optionsOfFailure(form: MethodForm, failure: RequestFailure | undefined): readonly string[] {
  const known = new Set(form.options.map(({ name }) => name));
  return (failure?.options ?? []).filter((name) => known.has(name));
}
