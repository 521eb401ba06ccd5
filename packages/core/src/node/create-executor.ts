import { throwIfAborted } from "../pipeline/abort.js";
import type { QuantizerTable } from "../pipeline/chunk-environment.js";
import type { ChunkExecutor } from "../pipeline/executor.js";
import { createInProcessExecutor } from "../pipeline/in-process-executor.js";
import { type ChunkSetup, openChunkEnvironment } from "./chunk-setup.js";
import { createWorkerPool } from "./worker-pool.js";

/** One thread: this one. More: worker threads, which know the whole table of quantizers. */
export async function createExecutor(
  setup: ChunkSetup,
  threads: number,
  quantizers: QuantizerTable,
  signal: AbortSignal | undefined,
): Promise<ChunkExecutor> {
  if (threads > 1) return createWorkerPool(setup, threads, signal);
  const environment = await openChunkEnvironment(setup, quantizers, () => throwIfAborted(signal), false);
  return createInProcessExecutor(setup.tasks, environment);
}
