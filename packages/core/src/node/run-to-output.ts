import type { QuantizerTable } from "../pipeline/chunk-environment.js";
import type { ChunkExecutor } from "../pipeline/executor.js";
import type { Fingerprint } from "../pipeline/journal.js";
import {
  createProgressMeter,
  type ProgressEvent,
  type ProgressListener,
  type ProgressMeter,
} from "../pipeline/progress.js";
import type { FinishedTensor } from "../pipeline/report.js";
import { runTasks } from "../pipeline/run-tasks.js";
import type { ChunkSetup } from "./chunk-setup.js";
import { createExecutor } from "./create-executor.js";
import { type OutputFile, openPartialOutput, type PartialOutput, partialFilesDirectory } from "./partial-output.js";
import { isResumable } from "./resumable.js";

/** Work whose results are files: `quantize`, `dequantize` and `convert` to GGUF. */
export interface OutputRun {
  readonly phase: ProgressEvent["phase"];
  readonly setup: Omit<ChunkSetup, "outputDirectory">;
  /** By task. */
  readonly names: readonly string[];
  /** By task. */
  readonly inputBytes: readonly number[];
  readonly files: readonly OutputFile[];
  readonly fingerprint: Fingerprint;
  /** Bytes that `writeExtras` reads and reports; 0 by default. */
  readonly extraBytes?: number;
  /** Adds what does not come from tasks, just before the output gets its name. */
  writeExtras(directory: string, progress: ProgressMeter): Promise<void>;
  readonly threads: number;
  readonly run: {
    readonly output: string;
    readonly quantizers: QuantizerTable;
    readonly resume?: boolean;
    readonly force?: boolean;
    readonly signal?: AbortSignal;
    readonly onProgress?: ProgressListener;
  };
}

export async function runToOutput(
  work: OutputRun,
): Promise<{ finished: Map<string, FinishedTensor>; backend: string }> {
  const { output, quantizers, resume = false, force = false, signal, onProgress } = work.run;
  const setup: ChunkSetup = { ...work.setup, outputDirectory: partialFilesDirectory(output) };
  const executor = await createExecutor(setup, work.threads, quantizers, signal);
  const closeOnce = closer(executor);
  let partial: PartialOutput | undefined;
  try {
    partial = await openPartialOutput({ output, files: work.files, fingerprint: work.fingerprint, resume, force });
    const { finished, meter } = await runPending(work, executor, partial, quantizers, onProgress);
    await closeOnce();
    await work.writeExtras(partial.directory, meter);
    await partial.finish();
    return { finished, backend: executor.backend };
  } catch (error) {
    await closeOnce();
    if (!isResumable(error)) await partial?.discard();
    else await partial?.close();
    throw error;
  }
}

function closer(executor: ChunkExecutor): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => (closing ??= executor.close());
}

async function runPending(
  work: OutputRun,
  executor: ChunkExecutor,
  partial: PartialOutput,
  quantizers: QuantizerTable,
  onProgress: ProgressListener | undefined,
): Promise<{ readonly finished: Map<string, FinishedTensor>; readonly meter: ProgressMeter }> {
  const { names, inputBytes, setup, extraBytes = 0 } = work;
  const finished = new Map<string, FinishedTensor>();
  for (const name of names) {
    const entry = partial.completed.get(name);
    if (entry) finished.set(name, { seconds: 0, resumed: true, ...(entry.errors && { errors: entry.errors }) });
  }
  const readings = (task: number): number => {
    const work = setup.tasks[task]!;
    return work.kind === "quantize" ? 1 + (quantizers[work.method]?.survey?.passes(work.options) ?? 0) : 1;
  };
  const bytes = (tasks: readonly number[]): number =>
    tasks.reduce((sum, task) => sum + inputBytes[task]! * readings(task), 0);
  const all = names.map((_, task) => task);
  const pending = all.filter((task) => !finished.has(names[task]!));
  const ofTasks = bytes(all);
  const meter = createProgressMeter(work.phase, ofTasks + extraBytes, ofTasks - bytes(pending), onProgress);
  await runTasks(executor, {
    quantizers,
    pending,
    inputBytes: (task) => inputBytes[task]!,
    chunkDone: (task, done) => meter.add(names[task]!, done),
    async taskDone({ task, seconds, errors }) {
      const tensor = names[task]!;
      finished.set(tensor, { seconds, resumed: false, ...(errors && { errors }) });
      await partial.append({ tensor, seconds, ...(errors && { errors }) });
    },
  });
  return { finished, meter };
}
