import type { OutlierRule } from "../analysis/outlier-rule.js";
import { mergeStatistics, type StatisticsPartial } from "../analysis/statistics-partial.js";
import { finishStatistics, type TensorStatistics } from "../analysis/tensor-statistics.js";
import type { ScanTask } from "../pipeline/chunk-task.js";
import { createProgressMeter, type ProgressListener } from "../pipeline/progress.js";
import { chunkCount, chunkInputBytes } from "../pipeline/run-chunk.js";
import { workspaceSizes } from "../pipeline/workspace-sizes.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import { type BackendModule, loadBackend } from "./backend-module.js";
import { createExecutor } from "./create-executor.js";

export interface ScanOptions {
  /** Path of the checkpoint. */
  readonly input: string;
  /** Tensors of it, or of its `decodedCheckpoint`, whose dtype `scanMethod` knows. */
  readonly tensors: readonly CheckpointTensor[];
  /** The tensors are those of `decodedCheckpoint`; absent: of the checkpoint itself. */
  readonly decoded?: boolean;
  readonly backend: BackendModule;
  readonly threads: number;
  readonly outlierRule?: OutlierRule;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** Statistics of many tensors in one pass over their bytes, divided among threads. The figures do not depend on them. */
export async function scanCheckpoint(options: ScanOptions): Promise<TensorStatistics[]> {
  const { input, tensors, threads, signal, outlierRule } = options;
  const tasks = tensors.map((tensor): ScanTask => ({ kind: "scan", tensor, isDecoded: options.decoded ?? false }));
  const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const meter = createProgressMeter("scan", total, 0, options.onProgress);
  const backend = await loadBackend(options.backend);
  const setup = { tasks, sizes: workspaceSizes(tasks), input, backend: options.backend };
  const executor = await createExecutor(setup, threads, {}, signal).catch((error: unknown) => {
    backend.close();
    throw error;
  });
  const scanOne = async (task: ScanTask, index: number): Promise<TensorStatistics> => {
    const chunks = Array.from({ length: chunkCount(task) }, (_, chunk) => chunk);
    const partials = await Promise.all(
      chunks.map(async (chunk) => {
        const partial = await executor.run({ kind: "scan", task: index, chunk });
        meter.add(task.tensor.name, chunkInputBytes(task, task.tensor.byteLength, chunk));
        return partial as StatisticsPartial;
      }),
    );
    return finishStatistics(task.tensor, mergeStatistics(partials), backend, outlierRule ? { outlierRule } : {});
  };
  try {
    const ends = await Promise.allSettled(tasks.map(scanOne));
    const failure = ends.find((end) => end.status === "rejected");
    if (failure) throw failure.reason;
    return ends.map((end) => (end as PromiseFulfilledResult<TensorStatistics>).value);
  } finally {
    backend.close();
    await executor.close();
  }
}
