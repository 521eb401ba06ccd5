/** What a cell of an exported table holds; undefined: nothing is known. */
export type TableCell = string | number | boolean | undefined;

/** Characters that steer a terminal, end a line or turn the order of the text around them. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A table as text for other programs, numbers with all their digits (NaN and Infinity by these names).
 *
 * "csv": RFC 4180, comma and CR LF, every text in quotes. "tsv": tab and LF, no quotes, for the clipboard. Names come from
 * files that anybody may have written, so control characters and marks of text direction stand as \uNNNN in either: no
 * field holds a tab or the end of a line.
 */
export function tableText(
  titles: readonly string[],
  rows: Iterable<readonly TableCell[]>,
  format: "csv" | "tsv" = "csv",
): string {
  const [separator, end] = format === "csv" ? [",", "\r\n"] : ["\t", "\n"];
  const cell = format === "csv" ? csvCell : plainCell;
  const lines = [titles.map(plainCell).join(separator)];
  for (const row of rows) lines.push(row.map(cell).join(separator));
  return `${lines.join(end)}${end}`;
}

function csvCell(value: TableCell): string {
  return typeof value === "string" ? `"${plainCell(value).replaceAll('"', '""')}"` : plainCell(value);
}

function plainCell(value: TableCell): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return String(value);
  return value.replace(STEERING, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
