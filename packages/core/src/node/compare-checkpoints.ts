import { type ComparedBytes, compareBytes } from "../pipeline/compare-bytes.js";
import { compareStructure, type StructureDifference, type WeightPair } from "../pipeline/compare-structure.js";
import {
  type ComparedWeight,
  type ComparedWeights,
  type ComparisonListeners,
  comparisonTasks,
  runComparison,
} from "../pipeline/compare-weights.js";
import type { ErrorFigures } from "../pipeline/report.js";
import { workspaceSizes } from "../pipeline/workspace-sizes.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import type { BackendModule } from "./backend-module.js";
import { createExecutor } from "./create-executor.js";
import { openCheckpoint } from "./open-checkpoint.js";

export interface CompareOptions extends ComparisonListeners {
  readonly left: string;
  readonly right: string;
  /** Which weights; all by default. */
  readonly matches?: (name: string) => boolean;
  readonly threads: number;
  readonly backend: BackendModule;
  readonly signal?: AbortSignal;
}

export interface Comparison {
  readonly structure: readonly StructureDifference[];
  readonly weights: readonly ComparedWeight[];
  readonly otherTensors: readonly ComparedBytes[];
  /** Over all weights that are quantized on one side; absent when there are none. */
  readonly quantizedError?: ErrorFigures;
}

/** Compares logical weights by name; either side may be quantized. `compareWeights` does the same without files. */
export async function compareCheckpoints(options: CompareOptions): Promise<Comparison> {
  const left = await openCheckpoint(options.left);
  const right = await openCheckpoint(options.right).catch(async (error: unknown) => {
    await left.close();
    throw error;
  });
  try {
    return await compareOpened(options, left, right);
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

async function compareOpened(options: CompareOptions, left: Checkpoint, right: Checkpoint): Promise<Comparison> {
  const { differences, pairs, otherPairs } = compareStructure(left, right, options);
  const otherTensors = await compareBytes(left, right, otherPairs, options.signal);
  const { weights, quantizedError } = await comparePairs(options, pairs);
  return { structure: differences, weights, otherTensors, ...(quantizedError && { quantizedError }) };
}

async function comparePairs(options: CompareOptions, pairs: readonly WeightPair[]): Promise<ComparedWeights> {
  if (pairs.length === 0) return { weights: [] };
  const { left, right, backend, threads, signal } = options;
  const tasks = comparisonTasks(pairs);
  const setup = { tasks, sizes: workspaceSizes(tasks), input: left, other: right, backend };
  return runComparison(await createExecutor(setup, threads, {}, signal), pairs, options);
}
