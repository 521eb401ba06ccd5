import type { MatrixWindow } from "@lowbit/core/analysis";
import { InvalidArgumentError } from "commander";

const FORM = /^(\d{1,15}):(\d{1,15}),(\d{1,15}):(\d{1,15})$/;

/** "0:64,128:32": 64 rows from row 0 on, 32 columns from column 128 on. */
export function parseWindow(text: string): MatrixWindow {
  const [row, rows, column, columns] = FORM.exec(text)?.slice(1).map(Number) ?? [];
  if (rows! > 0 && columns! > 0) return { row: row!, rows: rows!, column: column!, columns: columns! };
  throw new InvalidArgumentError("It is ROW:ROWS,COLUMN:COLUMNS, for example 0:64,128:32.");
}
