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
  const groups = new Map<string, { storage: string; count: number; parameters: number; bytes: number }>();
  const total = { count: rows.length, parameters: 0, bytes: 0 };
  for (const { storage, parameters, bytes } of rows) {
    let group = groups.get(storage);
    if (group === undefined) {
      group = { storage, count: 0, parameters: 0, bytes: 0 };
      groups.set(storage, group);
    }
    group.count += 1;
    group.parameters += parameters;
    group.bytes += bytes;
    total.parameters += parameters;
    total.bytes += bytes;
  }
  return { byStorage: [...groups.values()].sort((a, b) => b.bytes - a.bytes), total };
}
