import type { LogicalRow } from "@lowbit/core/layouts";

/** Stored bits per weight; undefined for an empty tensor. */
export function bitsPerWeight({
  bytes,
  parameters,
}: {
  readonly bytes: number;
  readonly parameters: number;
}): number | undefined {
  return parameters > 0 ? (bytes * 8) / parameters : undefined;
}

export type SortKey = "name" | "bytes" | "parameters" | "bpw";

/** Natural order of names is the order of the checkpoint; the others are descending. */
export function sortRows(rows: readonly LogicalRow[], key: SortKey): LogicalRow[] {
  const figure = {
    name: () => 0,
    bytes: (row: LogicalRow) => row.bytes,
    parameters: (row: LogicalRow) => row.parameters,
    bpw: (row: LogicalRow) => bitsPerWeight(row) ?? 0,
  }[key];
  return [...rows].sort((a, b) => figure(b) - figure(a));
}
