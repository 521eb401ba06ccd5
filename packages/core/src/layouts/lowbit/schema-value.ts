import { LowbitError } from "../../errors/lowbit-error.js";
import { showValue } from "../../errors/show-value.js";
import { quoteName } from "../../safetensors/header-problem.js";

/** A JSON object of the schema. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** @throws `layouts/schema-type` unless `value` is an object; `path` says where in the schema: "weights.a.terms". */
export function asObject(value: unknown, path: string): SchemaObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as SchemaObject;
  throw wrongType(value, path, "an object");
}

export function asArray(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType(value, path, "an array");
}

export function asString(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw wrongType(value, path, "a string");
}

/**
 * Checks that an object has exactly these keys.
 * @throws `layouts/schema-missing-key`, `layouts/schema-unknown-key`
 */
export function checkKeys(object: SchemaObject, keys: readonly string[], path: string): void {
  for (const key of keys) {
    if (!Object.hasOwn(object, key)) {
      throw new LowbitError("layouts/schema-missing-key", `In the lowbit schema ${path} lacks the key "${key}".`, {
        path,
        key,
      });
    }
  }
  for (const key of Object.keys(object)) {
    if (!keys.includes(key)) {
      throw new LowbitError(
        "layouts/schema-unknown-key",
        `In the lowbit schema ${path} has a key ${quoteName(key)}; known: ${keys.join(", ")}.`,
        {
          path,
          key,
          known: keys,
        },
      );
    }
  }
}

export function wrongType(value: unknown, path: string, expected: string): LowbitError {
  const shown = showValue(value);
  return new LowbitError("layouts/schema-type", `In the lowbit schema ${path} is ${shown}; it must be ${expected}.`, {
    path,
    found: shown,
    expected,
  });
}
