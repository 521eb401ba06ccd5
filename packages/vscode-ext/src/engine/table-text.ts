import { tableText as separatedText } from "@lowbit/core/analysis";
import { refusal } from "./failure.js";

export type TableFormat = "csv" | "json" | "tsv";
export type TableRecord = Readonly<Record<string, string | number | undefined>>;

/**
 * Records as text: CSV and TSV as the command line writes them, JSON as a list.
 * @throws `engine/memory-limit`
 */
export function tableText(
  columns: readonly string[],
  records: readonly TableRecord[],
  format: TableFormat,
  maxBytes: number,
): string {
  const text =
    format === "json"
      ? `${JSON.stringify(records, jsonValue, 2)}\n`
      : separatedText(
          columns,
          records.map((record) => columns.map((column) => record[column])),
          format,
        );
  if (text.length <= maxBytes) return text;
  throw refusal(
    "engine/memory-limit",
    `The table has ${text.length} characters; ${maxBytes} are allowed.`,
    "Export fewer weights with a filter, or raise the memory limit in the settings.",
  );
}

/** JSON has no NaN and no infinities. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
