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

interface StoredWeight {
  readonly storage: string;
  readonly parameters: number;
  readonly bytes: number;
}

/** How many weights, parameters and bytes every way of storing them has. */
export function storageTotals(rows: readonly StoredWeight[]): StorageTotals {
  const groups = new Map<string, StoredWeight[]>();
  for (const row of rows) {
    const members = groups.get(row.storage);
    if (members) members.push(row);
    else groups.set(row.storage, [row]);
  }
  const byStorage = [...groups]
    .map(([storage, members]) => ({ storage, ...sum(members) }))
    .sort((a, b) => b.bytes - a.bytes);
  return { byStorage, total: sum(rows) };
}

function sum(rows: readonly StoredWeight[]): Totals {
  return {
    count: rows.length,
    parameters: rows.reduce((total, row) => total + row.parameters, 0),
    bytes: rows.reduce((total, row) => total + row.bytes, 0),
  };
}
