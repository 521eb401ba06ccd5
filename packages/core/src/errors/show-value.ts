const MOST_CHARACTERS = 80;
const MOST_ITEMS = 8;
const MOST_DEPTH = 3;

/**
 * A value from outside as it is shown in a message: JSON, cut to 80 characters. `JSON.stringify` would run out of stack
 * on a value that is nested deeply enough, and build a text of any size.
 */
export function showValue(value: unknown): string {
  return show(value, 0).slice(0, MOST_CHARACTERS);
}

function show(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MOST_CHARACTERS));
  if (typeof value !== "object" || value === null) return String(value);
  const isArray = Array.isArray(value);
  const inside = depth === MOST_DEPTH ? ["…"] : items(value, isArray, depth + 1);
  return isArray ? `[${inside.join(",")}]` : `{${inside.join(",")}}`;
}

function items(value: object, isArray: boolean, depth: number): string[] {
  const keys = Object.keys(value);
  const shown = keys.slice(0, MOST_ITEMS).map((key) => {
    const item = show((value as Record<string, unknown>)[key], depth);
    return isArray ? item : `${show(key, depth)}:${item}`;
  });
  return keys.length > MOST_ITEMS ? [...shown, "…"] : shown;
}
