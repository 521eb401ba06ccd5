import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import { printable } from "./printable.js";
import { paint } from "./style.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** From 1 on: left out on a terminal that is too narrow, the highest first. Without: always shown. */
  readonly dispensable?: number;
}

const GAP = 2;

/** Which columns fit into a width, in their order: the indispensable ones, then the others while there is room. */
export function fittingColumns(columns: readonly Column[], widths: readonly number[], width: number): number[] {
  const all = columns.map((_, index) => index);
  const rank = (index: number): number => columns[index]!.dispensable ?? 0;
  const shown = new Set<number>();
  let used = -GAP;
  for (const index of all.toSorted((left, right) => rank(left) - rank(right))) {
    if (rank(index) > 0 && used + GAP + widths[index]! > width) continue;
    shown.add(index);
    used += GAP + widths[index]!;
  }
  return all.filter((index) => shown.has(index));
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
  const titles = allColumns.map(({ title }) => title);
  const widest = allColumns.map((_, index) => widestCell(titles, allRows, allFooter ?? [], index));
  const shown = fittingColumns(allColumns, widest.map(shownLength), terminalWidth());
  const pick = (row: readonly string[]): string[] => shown.map((index) => row[index] ?? "");
  const rows = allRows.map(pick);
  if (allFooter) rows.push(pick(allFooter).map((cell) => paint("bold", cell)));
  const columns = shown.map((index) => allColumns[index]!);
  const lines = layOutRows(columns, rows, pick(widest));
  const hidden = titles.filter((_, index) => !shown.includes(index));
  if (hidden.length > 0) {
    lines.push(paint("dim", `Not shown in ${terminalWidth()} columns: ${hidden.join(", ")}.`));
  }
  return lines.join("\n");
}

function widestCell(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  footer: readonly string[],
  column: number,
): string {
  let widest = titles[column]!;
  for (const row of [...rows, footer]) {
    const cell = row[column] ?? "";
    if (shownLength(cell) > shownLength(widest)) widest = cell;
  }
  return widest;
}

function shownLength(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

/** The table package takes quadratic time, and overflows the stack at 500 000 rows, which models have. */
const BLOCK_ROWS = 200;

/** Lines of the table, titles first. A row of the widest cells, left out again, makes all blocks equally wide. */
function layOutRows(columns: readonly Column[], rows: readonly string[][], widest: string[]): string[] {
  const lines: string[] = [];
  for (let start = 0; start === 0 || start < rows.length; start += BLOCK_ROWS) {
    const table = new Table({
      head: columns.map(({ title }) => paint("bold", title)),
      colAligns: columns.map(({ align }) => align ?? "left"),
      style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
      chars: NO_BORDERS,
    });
    table.push(widest, ...rows.slice(start, start + BLOCK_ROWS));
    const [titles, , ...body] = table.toString().split("\n");
    if (start === 0) lines.push(titles!.trimEnd());
    for (const line of body) lines.push(line.trimEnd());
  }
  return lines;
}

const BORDERS = ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"];
const INNER_BORDERS = ["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"];
const NO_BORDERS = Object.fromEntries([...BORDERS, ...INNER_BORDERS].map((border) => [border, ""]));

/** Columns of the terminal; without end where output is redirected. */
function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
}
