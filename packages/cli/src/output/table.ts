import stringWidth from "string-width";
import { printable } from "./printable.js";
import { paint } from "./style.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** From 1 on: left out on a terminal that is too narrow, the highest first. Without: always shown. */
  readonly dispensable?: number;
}

/** A column of figures. */
export function right(title: string, dispensable?: number): Column {
  return { title, align: "right", ...(dispensable !== undefined && { dispensable }) };
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
  const widths = allColumns.map((_, index) => columnWidth([titles, ...allRows, allFooter ?? []], index));
  const shown = fittingColumns(allColumns, widths, terminalWidth());
  const pick = (row: readonly string[]): string[] => shown.map((index) => row[index] ?? "");
  const rows = allRows.map(pick);
  if (allFooter) rows.push(pick(allFooter).map((cell) => paint("bold", cell)));
  const columns = shown.map((index) => allColumns[index]!);
  const lines = layOutRows(
    columns,
    rows,
    shown.map((index) => widths[index]!),
  );
  const hidden = titles.filter((_, index) => !shown.includes(index));
  if (hidden.length > 0) {
    lines.push(paint("dim", `Not shown in ${terminalWidth()} columns: ${hidden.join(", ")}.`));
  }
  return lines.join("\n");
}

function columnWidth(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((width, row) => Math.max(width, shownLength(row[column] ?? "")), 0);
}

const ASCII = /^[ -~]*$/;

/** Places that a cell takes on a terminal: colours none, wide characters two. */
function shownLength(cell: string): number {
  return ASCII.test(cell) ? cell.length : stringWidth(cell);
}

/** Lines of the table, titles first; linear in the rows, of which a model may have half a million. */
function layOutRows(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string[] {
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? "";
        const filler = " ".repeat(widths[index]! - shownLength(cell));
        return align === "right" ? filler + cell : cell + filler;
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  return [columns.map(({ title }) => paint("bold", title)), ...rows].map(line);
}

/** Columns of the terminal; without end where output is redirected. */
function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
}
