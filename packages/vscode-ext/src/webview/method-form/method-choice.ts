import type { MethodForm, OptionField, OptionValues } from "../../protocol/trial-messages.js";
import { t } from "../texts.js";
import { readOption } from "./read-option.js";

/**
 * What a user has entered: a method, and the text of every option that was changed, so that a number may be half typed.
 * Small and plain: it is kept with the page's state.
 */
export interface MethodChoice {
  readonly method: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** A choice as values, or what is wrong with its fields. */
export type ChoiceReading =
  | { readonly options: OptionValues; readonly problems?: undefined }
  | { readonly options?: undefined; readonly problems: Readonly<Record<string, string>> };

export function defaultChoice(methods: readonly MethodForm[]): MethodChoice | undefined {
  const [first] = methods;
  return first && { method: first.name, texts: {} };
}

export function formOf(methods: readonly MethodForm[], choice: MethodChoice): MethodForm | undefined {
  return methods.find(({ name }) => name === choice.method);
}

/** What stands in a field. */
export function optionText({ name, default: preset }: OptionField, { texts }: MethodChoice): string {
  return Object.hasOwn(texts, name) ? (texts[name] ?? "") : String(preset);
}

/** The same choice with another text in a field; a text equal to the default is no change. */
export function withOption(choice: MethodChoice, field: OptionField, text: string): MethodChoice {
  const { [field.name]: _old, ...others } = choice.texts;
  return { ...choice, texts: text === String(field.default) ? others : { ...others, [field.name]: text } };
}

/** Another method; what was entered for options that it has too, and takes, stays. */
export function withMethod(choice: MethodChoice, form: MethodForm): MethodChoice {
  const texts = form.options
    .filter(({ name }) => Object.hasOwn(choice.texts, name))
    .filter((field) => readOption(field, optionText(field, choice)).problem === undefined)
    .map((field) => [field.name, optionText(field, choice)]);
  return { method: form.name, texts: Object.fromEntries(texts) };
}

/** Every option of the method with its value. */
export function readChoice(form: MethodForm, choice: MethodChoice): ChoiceReading {
  const options: [string, number | boolean | string][] = [];
  const problems: [string, string][] = [];
  for (const field of form.options) {
    const reading = readOption(field, optionText(field, choice));
    if (reading.problem === undefined) options.push([field.name, reading.value]);
    else problems.push([field.name, reading.problem]);
  }
  return problems.length > 0 ? { problems: Object.fromEntries(problems) } : { options: Object.fromEntries(options) };
}

/** The choice that these values are. */
export function choiceOf(form: MethodForm, options: OptionValues): MethodChoice {
  return form.options.reduce<MethodChoice>(
    (choice, field) =>
      Object.hasOwn(options, field.name) ? withOption(choice, field, String(options[field.name])) : choice,
    { method: form.name, texts: {} },
  );
}

/** What page state of an earlier session holds, if it is a choice. */
export function parseChoice(kept: unknown): MethodChoice | undefined {
  if (typeof kept !== "object" || kept === null) return undefined;
  const { method, texts } = kept as Partial<MethodChoice>;
  if (typeof method !== "string" || typeof texts !== "object" || texts === null) return undefined;
  const entries = Object.entries(texts).filter((entry) => typeof entry[1] === "string");
  return { method, texts: Object.fromEntries(entries) };
}

/** Options that say most about a setting, by which people know it even where they have their defaults. */
const TELLING = ["bits", "group"];

/** "rtn, 4 bits, group 32, zero symmetric": the telling options, and what differs from the defaults. */
export function describeSetting(form: MethodForm | undefined, method: string, options: OptionValues): string {
  if (form === undefined) return method;
  const told = form.options.filter(
    ({ name, default: preset }) => Object.hasOwn(options, name) && (TELLING.includes(name) || options[name] !== preset),
  );
  const words = told.map(({ name }) => describeOption(name, options[name]));
  return [method, ...words].join(", ");
}

function describeOption(name: string, value: number | boolean | string | undefined): string {
  if (name === "bits" && typeof value === "number") return value === 1 ? t("1 bit") : t("{0} bits", value);
  if (typeof value === "boolean") return value ? name : t("no {0}", name);
  return `${name} ${value}`;
}

export function isSameSetting(
  one: { readonly method: string; readonly options: OptionValues },
  other: { readonly method: string; readonly options: OptionValues },
): boolean {
  const names = Object.keys(one.options);
  return (
    one.method === other.method &&
    names.length === Object.keys(other.options).length &&
    names.every((name) => one.options[name] === other.options[name])
  );
}
