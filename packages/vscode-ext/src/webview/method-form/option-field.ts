import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { OptionField } from "../../protocol/trial-messages.js";
import { t } from "../texts.js";
import { visibleText } from "../visible-text.js";
import { describeAllowed } from "./read-option.js";

export interface OptionFieldView {
  readonly field: OptionField;
  /** What stands in it. */
  readonly text: string;
  /** Why that is not allowed. */
  readonly problem: string | undefined;
  /** Begin of the ids on the page: "try", "quantize". */
  readonly prefix: string;
  readonly isDisabled: boolean;
  onInput(text: string): void;
}

/** A row of the form: label, control, help, and what is wrong. The control is described by help and problem. */
export function optionField(view: OptionFieldView): TemplateResult {
  const { field, problem, prefix } = view;
  const id = `${prefix}-option-${field.name}`;
  const help = html`<p class="field-help" id="${id}-help">
    ${visibleText(field.help, 500)}
    ${field.kind === "integer" || field.kind === "number" ? html`<span class="muted">(${describeAllowed(field)})</span>` : nothing}
  </p>`;
  const alert =
    problem === undefined
      ? nothing
      : html`<p class="field-problem" id="${id}-problem" data-testid="${id}-problem">${visibleText(problem, 500)}</p>`;
  if (field.kind === "boolean")
    return html`<div class="field">
      <label class="field-check">${checkbox(view, id)} ${optionLabel(field.name)}</label>
      ${help}${alert}
    </div>`;
  if (field.kind === "group") return html`<div class="field">${groupControl(view, id)}${help}${alert}</div>`;
  return html`<div class="field">
    <label for=${id}>${optionLabel(field.name)}</label>
    ${field.kind === "choice" ? select(view, id) : numberInput(view, id)} ${help}${alert}
  </div>`;
}

/** "scaleDtype" → "Scale dtype", as the command line's "--scale-dtype". */
export function optionLabel(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function describedBy(id: string, problem: string | undefined): string {
  return problem === undefined ? `${id}-help` : `${id}-help ${id}-problem`;
}

function checkbox({ text, problem, isDisabled, onInput }: OptionFieldView, id: string): TemplateResult {
  return html`<input
    type="checkbox"
    id=${id}
    data-testid=${id}
    .checked=${live(text === "true")}
    ?disabled=${isDisabled}
    aria-invalid=${problem === undefined ? "false" : "true"}
    aria-describedby=${describedBy(id, problem)}
    @change=${(event: Event) => onInput(String((event.target as HTMLInputElement).checked))}
  />`;
}

function select({ field, text, problem, isDisabled, onInput }: OptionFieldView, id: string): TemplateResult {
  return html`<select
    id=${id}
    data-testid=${id}
    ?disabled=${isDisabled}
    aria-invalid=${problem === undefined ? "false" : "true"}
    aria-describedby=${describedBy(id, problem)}
    @change=${(event: Event) => onInput((event.target as HTMLSelectElement).value)}
  >
    ${(field.choices ?? []).map((choice) => html`<option value=${choice} .selected=${choice === text}>${visibleText(choice, 100)}</option>`)}
  </select>`;
}

function numberInput(
  { field, text, problem, isDisabled, onInput }: OptionFieldView,
  id: string,
  label?: string,
): TemplateResult {
  const isWhole = field.kind !== "number";
  return html`<input
    type="number"
    id=${id}
    data-testid=${id}
    min=${field.kind === "group" ? 1 : (field.minimum ?? nothing)}
    max=${field.maximum ?? nothing}
    step=${isWhole ? "1" : "any"}
    .value=${live(text)}
    ?disabled=${isDisabled}
    aria-label=${label ?? nothing}
    aria-invalid=${problem === undefined ? "false" : "true"}
    aria-describedby=${describedBy(id, problem)}
    @input=${(event: Event) => onInput((event.target as HTMLInputElement).value)}
  />`;
}

/** Where a group of columns is allowed and no number was entered yet. */
const USUAL_GROUP = "128";

/** What shares a scale: a number of columns, the row or the tensor. */
function groupControl(view: OptionFieldView, id: string): TemplateResult {
  const { field, text, problem, isDisabled, onInput } = view;
  const form = text === "row" || text === "tensor" ? text : "group";
  const allows = field.allows ?? [];
  const usual = typeof field.default === "number" ? String(field.default) : USUAL_GROUP;
  const change = (event: Event): void => {
    const chosen = (event.target as HTMLSelectElement).value;
    onInput(chosen === "group" ? usual : chosen);
  };
  return html`
    <label for="${id}-form">${optionLabel(field.name)}</label>
    <span class="field-group">
      <select
        id="${id}-form"
        data-testid="${id}-form"
        ?disabled=${isDisabled}
        aria-invalid=${problem === undefined ? "false" : "true"}
        aria-describedby=${describedBy(id, problem)}
        @change=${change}
      >
        ${allows.map(
          (allowed) => html`<option value=${allowed} .selected=${allowed === form}>${groupFormLabel(allowed)}</option>`,
        )}
      </select>
      ${form === "group" ? numberInput(view, id, t("Columns of a group")) : nothing}
    </span>
  `;
}

function groupFormLabel(form: "group" | "row" | "tensor"): string {
  if (form === "row") return t("whole row");
  return form === "tensor" ? t("whole tensor") : t("columns:");
}
