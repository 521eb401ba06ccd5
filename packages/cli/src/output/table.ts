import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import { printable } from "./printable.js";
import { paint } from "./style.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Left out on a terminal that is too narrow; the column with the highest figure first. Without: always shown. */
  readonly dispensable?: number;
}

const GAP = 2;

/** Which columns fit into a width, in their order; the indispensable ones in any case. */
export function fittingColumns(columns: readonly Column[], widths: readonly number[], width: number): number[] {
  let shown = columns.map((_, index) => index);
  const total = (): number => shown.reduce((sum, index) => sum + widths[index]! + GAP, -GAP);
  const candidates = shown
    .filter((index) => columns[index]!.dispensable !== undefined)
    .sort((left, right) => columns[right]!.dispensable! - columns[left]!.dispensable!);
  for (const candidate of candidates) {
    if (total() <= width) break;
    shown = shown.filter((index) => index !== candidate);
  }
  return shown;
}

/**
 * A plain aligned table: bold titles, two spaces between columns, no boxes. On a terminal that is too
 * narrow dispensable columns are left out, and a last line names them; redirected output has all.
 */
export function renderTable(
  allColumns: readonly Column[],
  cells: readonly (readonly string[])[],
  allFooter?: readonly string[],
): string {
  const allRows = cells.map((row) => row.map(printable));
  const lines = [allColumns.map(({ title }) => title), ...allRows, ...(allFooter ? [allFooter] : [])];
  const widths = allColumns.map((_, index) =>
    Math.max(...lines.map((line) => stripVTControlCharacters(line[index] ?? "").length)),
  );
  const shown = fittingColumns(allColumns, widths, terminalWidth());
  const pick = (cells: readonly string[]): string[] => shown.map((index) => cells[index] ?? "");
  const columns = shown.map((index) => allColumns[index]!);
  const rows = allRows.map(pick);
  const footer = allFooter && pick(allFooter);
  const table = new Table({
    head: columns.map(({ title }) => paint("bold", title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      top: "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      bottom: "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "",
    },
  });
  table.push(...rows.map((row) => [...row]));
  if (footer) table.push(footer.map((cell) => paint("bold", cell)));
  const text = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
  const hidden = allColumns.filter((_, index) => !shown.includes(index)).map(({ title }) => title);
  return hidden.length === 0
    ? text
    : `${text}\n${paint("dim", `Not shown in ${terminalWidth()} columns: ${hidden.join(", ")}.`)}`;
}

/** Columns of the terminal; without end where output is redirected. */
function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
}
