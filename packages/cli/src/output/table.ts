import Table from "cli-table3";
import { paint } from "./style.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** A plain aligned table: bold titles, a rule below them, two spaces between columns, no boxes. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], footer?: readonly string[]): string {
  const table = new Table({
    head: columns.map(({ title }) => paint("bold", title)),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      top: "", "top-mid": "", "top-left": "", "top-right": "",
      bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
      left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "",
    },
  });
  table.push(...rows.map((row) => [...row]));
  if (footer) table.push(footer.map((cell) => paint("bold", cell)));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
