import type { OptionField } from "../../protocol/trial-messages.js";
import { t } from "../texts.js";

/** What a field's text stands for, or why it stands for nothing. */
export type OptionReading =
  | { readonly value: number | boolean | string; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

/** Decimal numbers as the command line takes them: no hexadecimal, no "Infinity", no blanks inside. */
const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads the text of a form field by the rules of the option table. */
export function readOption(field: OptionField, text: string): OptionReading {
  const value = readText(field, text.trim());
  return value === undefined ? { problem: t("Allowed: {0}.", describeAllowed(field)) } : { value };
}

function readText(field: OptionField, text: string): number | boolean | string | undefined {
  switch (field.kind) {
    case "integer": {
      const number = numberIn(field, text);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case "number":
      return numberIn(field, text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "choice":
      return (field.choices ?? []).includes(text) ? text : undefined;
    case "group": {
      const allows = field.allows ?? [];
      if (text === "row" || text === "tensor") return allows.includes(text) ? text : undefined;
      if (!allows.includes("group") || !NUMBER.test(text)) return undefined;
      const columns = Number(text);
      return Number.isSafeInteger(columns) && columns >= 1 ? columns : undefined;
    }
  }
}

function numberIn({ minimum = -Infinity, maximum = Infinity }: OptionField, text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  return number >= minimum && number <= maximum ? number : undefined;
}

/** The values that a field takes, in words. */
export function describeAllowed(field: OptionField): string {
  switch (field.kind) {
    case "integer":
      return t("a whole number from {0} to {1}", field.minimum ?? "−∞", field.maximum ?? "∞");
    case "number":
      return t("a number from {0} to {1}", field.minimum ?? "−∞", field.maximum ?? "∞");
    case "boolean":
      return t("on or off");
    case "choice":
      return (field.choices ?? []).join(", ");
    case "group":
      return (field.allows ?? [])
        .map((form) => (form === "group" ? t("a whole number of columns from 1 on") : form))
        .join(", ");
  }
}
