import type { KernelBackend } from "../backend/kernel-backend.js";
import { storageName } from "../layouts/storage-name.js";
import type { Checkpoint } from "../safetensors/checkpoint.js";
import { matrixShape } from "../tensor/matrix-shape.js";
import { throwIfAborted } from "./abort.js";
import type { CompareTask } from "./chunk-task.js";
import type { WeightPair } from "./compare-structure.js";
import { type ErrorSums, joinErrors, NO_ERROR, relativeError } from "./error-sums.js";
import type { ChunkExecutor } from "./executor.js";
import { createInProcessExecutor } from "./in-process-executor.js";
import { plainMemory } from "./plain-memory.js";
import { createProgressMeter, type ProgressListener } from "./progress.js";
import { type ErrorFigures, errorFigures } from "./report.js";
import { runTasks } from "./run-tasks.js";
import { takeTurns } from "./take-turns.js";
import { createWeightCatalog } from "./weight-catalog.js";
import { createWorkspace } from "./workspace.js";
import { workspaceSizes } from "./workspace-sizes.js";

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

export interface ComparedWeights {
  /** In the order of the pairs. */
  readonly weights: readonly ComparedWeight[];
  /** Over everything; absent when there was nothing to compare. */
  readonly error?: ErrorFigures;
  /** Over all weights that are quantized on one side; absent when there are none. */
  readonly quantizedError?: ErrorFigures;
}

export interface ComparisonListeners {
  readonly onProgress?: ProgressListener;
  /** Called when a weight was compared, in the order in which they end; `joinErrors` makes totals of the sums. */
  readonly onWeight?: (weight: ComparedWeight, sums: ErrorSums) => void;
}

/**
 * The error of the right checkpoint's weights against the left one's, in this thread; in browsers too. Bounded memory: a
 * few blocks of rows of either side.
 * @param pairs as `compareStructure` finds them
 * @throws `pipeline/aborted`, and what reading throws
 */
export async function compareWeights(
  left: Checkpoint,
  right: Checkpoint,
  pairs: readonly WeightPair[],
  options: ComparisonListeners & { readonly backend: KernelBackend; readonly signal?: AbortSignal },
): Promise<ComparedWeights> {
  const { backend, signal } = options;
  const tasks = comparisonTasks(pairs);
  const workspace = createWorkspace(plainMemory, workspaceSizes(tasks));
  const side = (checkpoint: Checkpoint, name: "left" | "right") =>
    createWeightCatalog(
      checkpoint,
      backend,
      pairs.map((pair) => pair[name]),
    );
  const executor = createInProcessExecutor(tasks, {
    checkpoint: left,
    readsAhead: false,
    weights: side(left, "left"),
    otherWeights: side(right, "right"),
    backend,
    quantizers: {},
    workspace,
    pause: takeTurns(),
    throwIfAborted: () => throwIfAborted(signal),
    close: async () => workspace.release(),
  });
  return runComparison(executor, pairs, options);
}

/** The tasks of `runComparison`, in the order of the pairs. */
export function comparisonTasks(pairs: readonly WeightPair[]): CompareTask[] {
  return pairs.map(({ left: { name, shape } }) => ({ kind: "compare", weight: name, shape: matrixShape(shape) }));
}

/**
 * Does the tasks of `comparisonTasks`.
 * @param executor closed at the end, whatever it is
 */
export async function runComparison(
  executor: ChunkExecutor,
  pairs: readonly WeightPair[],
  { onProgress, onWeight }: ComparisonListeners,
): Promise<ComparedWeights> {
  const inputBytes = pairs.map(({ left, right }) => left.byteLength + right.byteLength);
  const total = inputBytes.reduce((sum, bytes) => sum + bytes, 0);
  const meter = createProgressMeter("compare", total, 0, onProgress);
  const sums: ErrorSums[] = [];
  const weights: ComparedWeight[] = [];
  try {
    await runTasks(executor, {
      quantizers: {},
      pending: pairs.map((_, index) => index),
      inputBytes: (task) => inputBytes[task]!,
      chunkDone: (task, bytes) => meter.add(pairs[task]!.left.name, bytes),
      async taskDone({ task, errors }) {
        sums[task] = errors!;
        weights[task] = comparedWeight(pairs[task]!, errors!);
        onWeight?.(weights[task], errors!);
      },
    });
  } finally {
    await executor.close();
  }
  const isQuantized = ({ left, right }: WeightPair): boolean => left.kind === "quantized" || right.kind === "quantized";
  const quantized = sums.filter((_, index) => isQuantized(pairs[index]!));
  const together = (of: readonly ErrorSums[]): ErrorFigures => errorFigures(of.reduce(joinErrors, NO_ERROR));
  return {
    weights,
    ...(sums.length > 0 && { error: together(sums) }),
    ...(quantized.length > 0 && { quantizedError: together(quantized) }),
  };
}

function comparedWeight({ left, right }: WeightPair, sums: ErrorSums): ComparedWeight {
  return {
    name: left.name,
    shape: left.shape,
    left: storageName(left),
    right: storageName(right),
    error: errorFigures(sums),
    nonFiniteCount: sums.nonFiniteCount,
    worstRows: sums.worstRows.map((row) => ({ row: row.row, relativeError: relativeError(row) })),
  };
}
