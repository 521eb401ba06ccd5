import type { LayerRow } from "../model/layer-row.js";
import type { StatisticsStore } from "../statistics-store.js";
import { type TableFormat, tableText } from "../table-text.js";

const COLUMNS = [
  "name",
  "storage",
  "shape",
  "parameters",
  "bytes",
  "storedBitsPerWeight",
  "claimedBitsPerWeight",
  "absMaximum",
  "rms",
  "std",
  "kurtosis",
  "outlierShare",
  "nanCount",
  "infiniteCount",
  "zeroCount",
] as const;

/** Weights with their figures as text; figures that were not measured are empty. */
export function layerTable(
  rows: readonly LayerRow[],
  statistics: StatisticsStore,
  format: TableFormat,
  maxBytes: number,
): string {
  const records = rows.map((row) => {
    const { name: _, ...measured } = statistics.layer(row.name) ?? { name: row.name };
    return {
      name: row.name,
      storage: row.storage,
      shape: row.shape.join("×"),
      parameters: row.parameters,
      bytes: row.bytes,
      storedBitsPerWeight: row.parameters === 0 ? undefined : (row.bytes * 8) / row.parameters,
      claimedBitsPerWeight: row.parameters === 0 ? undefined : row.claimedBitsPerWeight,
      ...measured,
    };
  });
  return tableText(COLUMNS, records, format, maxBytes);
}
