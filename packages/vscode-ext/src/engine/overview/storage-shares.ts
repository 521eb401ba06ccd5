import { storageTotals } from "@lowbit/core/analysis";
import type { StorageShare } from "../../protocol/overview-messages.js";
import type { LayerRow } from "../model/layer-row.js";

/** Weights by how they are stored, most bytes first. */
export function storageShares(rows: readonly LayerRow[]): StorageShare[] {
  const quantized = new Map<string, boolean>();
  for (const { storage, weight } of rows) quantized.set(storage, weight.kind === "quantized");
  return storageTotals(rows).byStorage.map((share) => ({ ...share, isQuantized: quantized.get(share.storage)! }));
}
