import type { KernelBackend } from "../backend/kernel-backend.js";
import type { LogicalWeight } from "../layouts/logical-weight.js";
import { openWeight, type WeightRows } from "../layouts/read-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";

/** Weights kept open: what their rows share (tables, column scales) is read once for many chunks. */
const OPEN_WEIGHTS = 8;

/** The logical weights of a checkpoint by name, opened for reading rows. */
export interface WeightCatalog {
  readonly weights: ReadonlyMap<string, LogicalWeight>;
  open(name: string): Promise<WeightRows>;
}

/** @param among where the weights are known already; else they are recognised */
export function createWeightCatalog(
  checkpoint: Checkpoint,
  backend: KernelBackend,
  among: readonly LogicalWeight[] = recogniseWeights(checkpoint),
): WeightCatalog {
  const weights = new Map(among.map((weight) => [weight.name, weight]));
  const opened = new Map<string, Promise<WeightRows>>();
  return {
    weights,
    open(name) {
      let rows = opened.get(name);
      if (rows === undefined) {
        rows = openWeight(checkpoint, weights.get(name)!, backend);
        opened.set(name, rows);
        if (opened.size > OPEN_WEIGHTS) opened.delete(opened.keys().next().value!);
      }
      return rows;
    },
  };
}
