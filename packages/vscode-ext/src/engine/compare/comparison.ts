import { type LogicalWeight, recogniseWeights } from "@lowbit/core/layouts";
import {
  type ComparedStructure,
  type ComparedWeight,
  compareStructure,
  type ErrorSums,
  joinErrors,
  NO_ERROR,
} from "@lowbit/core/pipeline";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { layerRows } from "../model/layer-row.js";
import type { Model } from "../model/model.js";
import type { ModelFiles } from "../model/model-files.js";
import { openFiles } from "../model/open-files.js";
import { type SkylineGroup, skylineGroups } from "../overview/skyline.js";

export interface MeasuredPair {
  readonly weight: ComparedWeight;
  readonly sums: ErrorSums;
}

/** The other checkpoint with what was measured against it. */
export interface Comparison {
  readonly key: string;
  /** As it was asked for, and the state of its files then. */
  readonly path: string;
  readonly version: string;
  readonly name: string;
  readonly checkpoint: Checkpoint;
  weight(name: string): LogicalWeight | undefined;
  readonly structure: ComparedStructure;
  /** The side that errors are measured against. */
  readonly reference: "left" | "right";
  /** By name. */
  readonly measured: Map<string, MeasuredPair>;
  /** Names of the open model's weights in the columns of its skyline. */
  readonly columns: readonly SkylineGroup<{ readonly name: string }>[];
}

let opened = 0;

/** @throws what opening a checkpoint and recognising its weights throw */
export async function openComparison(
  model: Model,
  path: string,
  files: ModelFiles,
  signal: AbortSignal,
): Promise<Comparison> {
  const version = await files.version();
  const checkpoint = await openFiles(files, signal);
  try {
    const weights = recogniseWeights(checkpoint);
    const byName = new Map(weights.map((weight) => [weight.name, weight]));
    const ownBits = meanBits(model.rows);
    const otherBits = meanBits(layerRows(weights));
    opened += 1;
    return {
      key: `other ${opened}`,
      path,
      version,
      name: files.name,
      checkpoint,
      weight: (name) => byName.get(name),
      structure: compareStructure(model.checkpoint, checkpoint),
      reference: ownBits > otherBits ? "left" : "right",
      measured: new Map(),
      columns: skylineGroups(model.rows),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** The sums of some pairs, those that were measured. */
export function joinMeasured(
  comparison: Comparison,
  names: Iterable<string>,
): { readonly sums: ErrorSums; readonly count: number } {
  let sums = NO_ERROR;
  let count = 0;
  for (const name of names) {
    const pair = comparison.measured.get(name);
    if (pair === undefined) continue;
    sums = joinErrors(sums, pair.sums);
    count += 1;
  }
  return { sums, count };
}

function meanBits(rows: readonly { readonly bytes: number; readonly parameters: number }[]): number {
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const parameters = rows.reduce((sum, row) => sum + row.parameters, 0);
  return parameters === 0 ? 0 : (bytes * 8) / parameters;
}
