import { LowbitError } from "../errors/lowbit-error.js";
import type { OptionSpec } from "./option-table.js";
import type { Quantizer } from "./quantizer.js";

/**
 * Every option of a method with its value: as given, else its default. Values may be typed (`4`, `true`, "row") or text
 * as a command line has it ("4", "true"); keys are those of the option table.
 * @throws `options/unknown-option`, `options/invalid-value`, `options/conflict`
 */
export function resolveOptions<O extends object>(
  quantizer: Pick<Quantizer<O>, "name" | "options" | "check">,
  given: Readonly<Record<string, unknown>>,
): O {
  const table = quantizer.options as Readonly<Record<string, OptionSpec>>;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) {
      const known = Object.keys(table);
      throw new LowbitError(
        "options/unknown-option",
        `Method "${quantizer.name}" has no option "${name}"; it has ${known.join(", ")}.`,
        { method: quantizer.name, option: name, known },
      );
    }
  }
  const resolved = Object.fromEntries(
    Object.entries(table).map(([name, spec]) => [
      name,
      given[name] === undefined ? spec.default : readValue(quantizer.name, name, spec, given[name]),
    ]),
  ) as O;
  quantizer.check?.(resolved);
  return resolved;
}

function readValue(method: string, name: string, spec: OptionSpec, given: unknown): number | boolean | string {
  const value = typeof given === "string" ? fromText(spec, given) : given;
  if (allows(spec, value)) return value as number | boolean | string;
  const found = JSON.stringify(given) ?? String(given);
  const allowed = describeAllowed(spec);
  throw new LowbitError(
    "options/invalid-value",
    `Option "${name}" of method "${method}" is ${found}; allowed: ${allowed}.`,
    { method, option: name, found, allowed },
  );
}

/** Text that is no value of the option's type stays text, and is refused as such. */
function fromText(spec: OptionSpec, text: string): unknown {
  const isNumber = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  switch (spec.kind) {
    case "integer":
    case "number":
    case "group":
      return isNumber ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "choice":
      return text;
  }
}

function allows(spec: OptionSpec, value: unknown): boolean {
  switch (spec.kind) {
    case "integer":
      return Number.isInteger(value) && (value as number) >= spec.minimum && (value as number) <= spec.maximum;
    case "number":
      return typeof value === "number" && value >= spec.minimum && value <= spec.maximum;
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && spec.choices.includes(value);
    case "group":
      if (typeof value === "number") return spec.allows.includes("group") && Number.isSafeInteger(value) && value >= 1;
      return (value === "row" || value === "tensor") && spec.allows.includes(value);
  }
}

/** The values that an option takes, in words. */
export function describeAllowed(spec: OptionSpec): string {
  switch (spec.kind) {
    case "integer":
      return `a whole number from ${spec.minimum} to ${spec.maximum}`;
    case "number":
      return `a number from ${spec.minimum} to ${spec.maximum}`;
    case "boolean":
      return "true or false";
    case "choice":
      return spec.choices.join(", ");
    case "group":
      return spec.allows.map((kind) => (kind === "group" ? "a number of columns" : kind)).join(", ");
  }
}
