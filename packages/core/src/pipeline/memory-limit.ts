import { LowbitError } from "../errors/index.js";
import { type WorkspaceSizes, workspaceByteLength } from "./workspace.js";

/** Measured on Node 24: the process with a plan of a few hundred tensors, before any block is read. */
const PROCESS_BYTES = 90 * 2 ** 20;
/** Measured on Node 24: one worker thread with its isolate, files and messages. */
const THREAD_BYTES = 24 * 2 ** 20;

/** Peak resident memory with so many threads: an estimate, the buffers exact, the process as measured. */
export function estimatePeakMemory(sizes: WorkspaceSizes, threads: number): number {
  return PROCESS_BYTES + threads * (workspaceByteLength(sizes) + (threads > 1 ? THREAD_BYTES : 0));
}

/**
 * Threads that fit into `maxMemoryBytes`, at most `threads`.
 * @throws `pipeline/memory-limit` when not even one does
 */
export function threadsWithinMemory(
  sizes: WorkspaceSizes,
  threads: number,
  maxMemoryBytes: number | undefined,
): number {
  if (maxMemoryBytes === undefined) return threads;
  for (let fitting = threads; fitting >= 1; fitting--) {
    if (estimatePeakMemory(sizes, fitting) <= maxMemoryBytes) return fitting;
  }
  const minimum = estimatePeakMemory(sizes, 1);
  throw new LowbitError(
    "pipeline/memory-limit",
    `The memory limit is ${maxMemoryBytes} bytes; this checkpoint needs at least ${minimum} bytes, ${workspaceByteLength(sizes)} of them for the blocks of one thread.`,
    { found: maxMemoryBytes, minimum },
  );
}
