import { LowbitError } from "../errors/lowbit-error.js";
import { showValue } from "../errors/show-value.js";
import type { TransformLayout } from "./input-transform.js";
import type { TermLayout } from "./term.js";

/** Largest number of rows or columns: kernels take them as int32. */
export const MAX_DIMENSION: number = 2 ** 31 - 1;

/** What one field of a term layout may hold. Optional fields are absent, never null. */
export type FieldRule =
  | { readonly type: "integer"; readonly minimum: number; readonly maximum: number; readonly optional?: true }
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly optional?: true }
  | { readonly type: "boolean"; readonly optional?: true }
  | { readonly type: "name"; readonly optional?: true };

export type FieldRules = Readonly<Record<string, FieldRule>>;

/** A rule for every field of L but `kind`, rows and columns, which all kinds share. */
export type LayoutFields<L extends { readonly kind: string }> = {
  readonly [K in Exclude<keyof L, "kind" | "rows" | "columns">]-?: FieldRule;
};

export const SCALE_DTYPE_FIELD: FieldRule = { type: "choice", choices: ["F16", "BF16", "F32"] };
export const GRANULARITY_FIELD: FieldRule = { type: "choice", choices: ["group", "row", "tensor"] };
export const GROUP_SIZE_FIELD: FieldRule = { type: "integer", minimum: 1, maximum: MAX_DIMENSION };
export const BITS_FIELD: FieldRule = { type: "integer", minimum: 1, maximum: 8 };

const ROWS_FIELD: FieldRule = { type: "integer", minimum: 0, maximum: MAX_DIMENSION };
const COLUMNS_FIELD: FieldRule = { type: "integer", minimum: 1, maximum: MAX_DIMENSION };

/**
 * Checks every field of a term layout, and that there is no other.
 * @throws `terms/invalid-field`, `terms/missing-field`, `terms/unknown-field`
 */
export function checkTermFields(layout: TermLayout, fields: FieldRules): void {
  checkFields("term", { ...layout }, { rows: ROWS_FIELD, columns: COLUMNS_FIELD, ...fields });
}

/** The same for an input transform, which has columns only. */
export function checkTransformFields(layout: TransformLayout, fields: FieldRules): void {
  checkFields("transform", { ...layout }, { columns: COLUMNS_FIELD, ...fields });
}

function checkFields(what: string, layout: Readonly<Record<string, unknown>>, rules: FieldRules): void {
  const subject = `${layout["kind"]} ${what}`;
  for (const [name, rule] of Object.entries(rules)) {
    const value = layout[name];
    if (value === undefined) {
      if (rule.optional) continue;
      throw new LowbitError("terms/missing-field", `The ${subject} lacks its field "${name}".`, {
        kind: String(layout["kind"]),
        field: name,
      });
    }
    if (!allows(rule, value)) {
      const shown = showValue(value);
      throw new LowbitError(
        "terms/invalid-field",
        `Field "${name}" of the ${subject} is ${shown}; allowed: ${describe(rule)}.`,
        { kind: String(layout["kind"]), field: name, found: shown, allowed: describe(rule) },
      );
    }
  }
  for (const name of Object.keys(layout)) {
    if (name !== "kind" && !Object.hasOwn(rules, name)) {
      throw new LowbitError(
        "terms/unknown-field",
        `The ${subject} has a field "${name.slice(0, 80)}" that is not known.`,
        {
          kind: String(layout["kind"]),
          field: name,
        },
      );
    }
  }
}

function allows(rule: FieldRule, value: unknown): boolean {
  switch (rule.type) {
    case "integer":
      return Number.isInteger(value) && (value as number) >= rule.minimum && (value as number) <= rule.maximum;
    case "choice":
      return typeof value === "string" && rule.choices.includes(value);
    case "boolean":
      return typeof value === "boolean";
    case "name":
      return typeof value === "string" && value.length >= 1 && value.length <= 100;
  }
}

function describe(rule: FieldRule): string {
  switch (rule.type) {
    case "integer":
      return `an integer from ${rule.minimum} to ${rule.maximum}`;
    case "choice":
      return rule.choices.join(", ");
    case "boolean":
      return "true or false";
    case "name":
      return "a string of 1 to 100 characters";
  }
}
