/** One JSON document on standard output; typed arrays become arrays, non-finite numbers strings ("NaN", "Infinity"). */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, replaceValue, 2)}\n`);
}

function replaceValue(_key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value instanceof Map) return Object.fromEntries(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>);
  return value;
}
