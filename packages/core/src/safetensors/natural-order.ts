/** Names that are rewritten as one text: a regular expression costs more to start than to run on. */
const BATCH = 1024;

/** Names longer than this are rewritten alone, so that the text of a batch stays small. */
const LONG_NAME = 1024;

/**
 * Keys whose plain string order is the natural order of names: runs of digits compare as numbers (layer 2 before
 * layer 10).
 */
function naturalKeys(names: readonly string[]): string[] {
  const keys: string[] = [];
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    const separable = batch.every((name) => name.length <= LONG_NAME && !name.includes("\n"));
    keys.push(...(separable ? naturalKey(batch.join("\n")).split("\n") : batch.map(naturalKey)));
  }
  return keys;
}

/** `text` with each run of digits made its digit count and its digits, without leading zeros. */
function naturalKey(text: string): string {
  return text.replace(/[0-9]+/g, (run) => {
    const digits = run.length > 1 && run.startsWith("0") ? run.replace(/^0+(?=.)/, "") : run;
    return digits.length <= 9 ? `${digits.length}${digits}` : `:${String(digits.length).padStart(9, "0")}${digits}`;
  });
}

/** `items` in natural order of their names; equal keys ("a1", "a01") fall back to plain string order. */
export function inNaturalOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const names = items.map(nameOf);
  const keys = naturalKeys(names);
  const keyed = items.map((item, index) => ({ item, name: names[index]!, key: keys[index]! }));
  keyed.sort((a, b) => compareText(a.key, b.key) || compareText(a.name, b.name));
  return keyed.map(({ item }) => item);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
