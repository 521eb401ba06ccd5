import { bitsPerWeight, storageTotals } from "@lowbit/core/analysis";
import type { OpenModel } from "../../protocol/overview-messages.js";
import type { LayerRow } from "../model/layer-row.js";
import { skyline } from "./skyline.js";
import { storageShares } from "./storage-shares.js";

/** What follows from the table alone. */
export type ModelFigures = Pick<
  OpenModel,
  | "parameters"
  | "weights"
  | "quantizedWeights"
  | "storedBitsPerWeight"
  | "claimedBitsPerWeight"
  | "storages"
  | "skyline"
  | "notes"
> & {
  /** Bytes of all weights. */
  readonly bytes: number;
};

const known = new WeakMap<readonly LayerRow[], ModelFigures>();

/** Counted once for a table. */
export function modelFigures(rows: readonly LayerRow[]): ModelFigures {
  const before = known.get(rows);
  if (before !== undefined) return before;
  const { total } = storageTotals(rows);
  const claimed = rows.reduce((sum, row) => sum + row.claimedBitsPerWeight * row.parameters, 0);
  const figures: ModelFigures = {
    parameters: total.parameters,
    bytes: total.bytes,
    weights: rows.length,
    quantizedWeights: rows.filter(({ weight }) => weight.kind === "quantized").length,
    storedBitsPerWeight: bitsPerWeight(total.bytes, total.parameters),
    claimedBitsPerWeight: total.parameters === 0 ? 0 : claimed / total.parameters,
    storages: storageShares(rows),
    skyline: skyline(rows),
    notes: noteCounts(rows),
  };
  known.set(rows, figures);
  return figures;
}

function noteCounts(rows: readonly LayerRow[]): OpenModel["notes"] {
  const counts = new Map<string, number>();
  for (const { weight } of rows) {
    if (weight.kind !== "quantized") continue;
    for (const note of weight.notes ?? []) counts.set(note, (counts.get(note) ?? 0) + 1);
  }
  return [...counts].map(([text, weights]) => ({ text, weights }));
}
