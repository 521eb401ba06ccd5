/**
 * A key whose plain string order is the natural order of names: runs of digits compare as numbers (layer 2 before
 * layer 10). A run becomes its digit count and its digits, without leading zeros.
 */
function naturalKey(name: string): string {
  return name.replace(/[0-9]+/g, (run) => {
    const digits = run.length > 1 && run.startsWith("0") ? run.replace(/^0+(?=.)/, "") : run;
    return digits.length <= 9 ? `${digits.length}${digits}` : `:${String(digits.length).padStart(9, "0")}${digits}`;
  });
}

/** `items` in natural order of their names; equal keys ("a1", "a01") fall back to plain string order. */
export function inNaturalOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const keyed = items.map((item) => {
    const name = nameOf(item);
    return { item, name, key: naturalKey(name) };
  });
  keyed.sort((a, b) => compareText(a.key, b.key) || compareText(a.name, b.name));
  return keyed.map(({ item }) => item);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
