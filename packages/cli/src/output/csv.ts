import { type TableCell, tableText } from "@lowbit/core/analysis";
import { Option } from "commander";

/** A table for other programs. */
export interface CsvTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

export function csvOption(): Option {
  return new Option("--csv", "print the table as CSV (RFC 4180), numbers with all digits");
}

export function printCsv({ titles, rows }: CsvTable): void {
  process.stdout.write(tableText(titles, rows));
}
