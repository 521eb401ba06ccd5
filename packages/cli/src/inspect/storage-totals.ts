import type { LogicalRow } from "./logical-row.js";

interface Totals {
  readonly count: number;
  readonly parameters: number;
  readonly bytes: number;
}

export interface StorageTotals {
  /** Per dtype or method, largest first. */
  readonly byStorage: readonly (Totals & { readonly storage: string })[];
  readonly total: Totals;
}

export function storageTotals(rows: readonly LogicalRow[]): StorageTotals {
  const groups = Map.groupBy(rows, ({ storage }) => storage);
  const byStorage = [...groups]
    .map(([storage, members]) => ({ storage, ...sum(members) }))
    .sort((a, b) => b.bytes - a.bytes);
  return { byStorage, total: sum(rows) };
}

function sum(rows: readonly LogicalRow[]): Totals {
  return {
    count: rows.length,
    parameters: rows.reduce((total, row) => total + row.parameters, 0),
    bytes: rows.reduce((total, row) => total + row.bytes, 0),
  };
}
