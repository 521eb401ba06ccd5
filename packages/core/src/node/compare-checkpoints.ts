import { isFloatDtype } from "../dtype/dtype-table.js";
import type { LogicalWeight } from "../layouts/logical-weight.js";
import { recogniseWeights } from "../layouts/recognise.js";
import { storageName } from "../layouts/storage-name.js";
import type { CompareTask } from "../pipeline/chunk-task.js";
import { type ErrorSums, joinErrors, NO_ERROR, relativeError } from "../pipeline/error-sums.js";
import { createProgressMeter, type ProgressListener } from "../pipeline/progress.js";
import { type ErrorFigures, errorFigures } from "../pipeline/report.js";
import { runTasks } from "../pipeline/run-tasks.js";
import { workspaceSizes } from "../pipeline/workspace-sizes.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import type { BackendModule } from "./backend-module.js";
import { createExecutor } from "./create-executor.js";
import { openCheckpoint } from "./open-checkpoint.js";

export interface CompareOptions {
  readonly left: string;
  readonly right: string;
  /** Which weights; all by default. */
  readonly matches?: (name: string) => boolean;
  readonly threads: number;
  readonly backend: BackendModule;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** Something that is not the same before any value is looked at. */
export type StructureDifference =
  | { readonly kind: "only-left" | "only-right"; readonly weight: string }
  | {
      readonly kind: "shape";
      readonly weight: string;
      readonly left: readonly number[];
      readonly right: readonly number[];
    }
  | { readonly kind: "dtype"; readonly weight: string; readonly left: string; readonly right: string };

export interface ComparedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** "BF16", the block type "Q4_K", or the layout "lowbit". */
  readonly left: string;
  readonly right: string;
  readonly error: ErrorFigures;
  /** Pairs that differ and of which one is NaN or infinite; left out of the figures. */
  readonly nonFiniteCount: number;
  /** The rows with the largest relative error, worst first. */
  readonly worstRows: readonly { readonly row: number; readonly relativeError: number }[];
}

/** Tensors that hold no real numbers: equal or not. */
export interface ComparedBytes {
  readonly name: string;
  readonly equal: boolean;
}

export interface Comparison {
  readonly structure: readonly StructureDifference[];
  readonly weights: readonly ComparedWeight[];
  readonly otherTensors: readonly ComparedBytes[];
  /** Over all weights that are quantized on one side; absent when there are none. */
  readonly quantizedError?: ErrorFigures;
}

/** Compares logical weights by name; either side may be quantized. */
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
  const wanted = (weights: readonly LogicalWeight[]) => weights.filter(({ name }) => options.matches?.(name) ?? true);
  const lefts = wanted(recogniseWeights(left));
  const rights = new Map(wanted(recogniseWeights(right)).map((weight) => [weight.name, weight]));
  const structure: StructureDifference[] = [];
  const pairs: [LogicalWeight, LogicalWeight][] = [];
  const otherTensors: ComparedBytes[] = [];
  for (const one of lefts) {
    const other = rights.get(one.name);
    rights.delete(one.name);
    if (other === undefined) structure.push({ kind: "only-left", weight: one.name });
    else if (one.shape.join() !== other.shape.join()) {
      structure.push({ kind: "shape", weight: one.name, left: one.shape, right: other.shape });
    } else if (hasValues(one) && hasValues(other)) pairs.push([one, other]);
    else if (one.dtype !== other.dtype)
      structure.push({ kind: "dtype", weight: one.name, left: one.dtype, right: other.dtype });
    else otherTensors.push({ name: one.name, equal: await equalBytes(left, one, right, other) });
  }
  for (const name of rights.keys()) structure.push({ kind: "only-right", weight: name });
  const sums = await comparePairs(options, pairs);
  const quantized = sums.filter((_, index) => pairs[index]!.some(({ kind }) => kind === "quantized"));
  const weights = pairs.map(([one, other], index): ComparedWeight => {
    const { nonFiniteCount, worstRows } = sums[index]!;
    return {
      name: one.name,
      shape: one.shape,
      left: storageName(one),
      right: storageName(other),
      error: errorFigures(sums[index]!),
      nonFiniteCount,
      worstRows: worstRows.map((row) => ({ row: row.row, relativeError: relativeError(row) })),
    };
  });
  const quantizedError = quantized.length > 0 && {
    quantizedError: errorFigures(quantized.reduce(joinErrors, NO_ERROR)),
  };
  return { structure, weights, otherTensors, ...quantizedError };
}

async function comparePairs(
  options: CompareOptions,
  pairs: readonly (readonly [LogicalWeight, LogicalWeight])[],
): Promise<ErrorSums[]> {
  if (pairs.length === 0) return [];
  const tasks = pairs.map(
    ([{ name, shape }]): CompareTask => ({ kind: "compare", weight: name, shape: matrixShape(shape) }),
  );
  const setup = {
    tasks,
    sizes: workspaceSizes(tasks),
    input: options.left,
    other: options.right,
    backend: options.backend,
  };
  const inputBytes = pairs.map(([one, other]) => one.byteLength + other.byteLength);
  const total = inputBytes.reduce((sum, bytes) => sum + bytes, 0);
  const meter = createProgressMeter("compare", total, 0, options.onProgress);
  const executor = await createExecutor(setup, options.threads, {}, options.signal);
  const sums: ErrorSums[] = [];
  try {
    await runTasks(executor, {
      quantizers: {},
      pending: tasks.map((_, index) => index),
      inputBytes: (task) => inputBytes[task]!,
      chunkDone: (task, bytes) => meter.add(tasks[task]!.weight, bytes),
      async taskDone({ task, errors }) {
        sums[task] = errors!;
      },
    });
  } finally {
    await executor.close();
  }
  return sums;
}

const hasValues = (weight: LogicalWeight): boolean => weight.kind === "quantized" || isFloatDtype(weight.dtype);

async function equalBytes(
  left: Checkpoint,
  one: LogicalWeight,
  right: Checkpoint,
  other: LogicalWeight,
): Promise<boolean> {
  const pieceBytes = 2 ** 20;
  for (let offset = 0; offset < one.byteLength; offset += pieceBytes) {
    const length = Math.min(pieceBytes, one.byteLength - offset);
    const pieces = [Buffer.alloc(length), Buffer.alloc(length)] as const;
    await left.read(one.tensors[0]!, offset, pieces[0]);
    await right.read(other.tensors[0]!, offset, pieces[1]);
    if (!pieces[0].equals(pieces[1])) return false;
  }
  return true;
}
