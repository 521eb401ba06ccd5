import { Worker } from "node:worker_threads";
import { LowbitError } from "../errors/index.js";
import { abortError } from "../pipeline/abort.js";
import type { ChunkJob } from "../pipeline/chunk-task.js";
import type { ChunkExecutor } from "../pipeline/executor.js";
import { type ChunkSetup, type FromWorker, fromPlainError, type ToWorker } from "./chunk-setup.js";

/** Jobs that a worker holds: one that it does and one that waits, so that it never waits for a message. */
const JOBS_PER_WORKER = 2;

interface Waiting {
  readonly job: ChunkJob;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

interface PoolWorker {
  readonly thread: Worker;
  readonly open: Map<number, Waiting>;
  readonly ended: Promise<void>;
}

/**
 * Worker threads that do chunks, each with its own backend and file handles. Which worker does a chunk never changes a
 * byte. The first failure, or the signal, ends the pool: waiting jobs are rejected, running ones end first.
 */
export async function createWorkerPool(
  setup: ChunkSetup,
  threads: number,
  signal?: AbortSignal,
): Promise<ChunkExecutor> {
  const abortFlag = new Int32Array(new SharedArrayBuffer(4));
  const queue: Waiting[] = [];
  const workers: PoolWorker[] = [];
  let failure: { readonly reason: unknown } | undefined;
  let starting = true;
  let closing = false;
  let nextId = 0;
  let backend = "";

  const fail = (reason: unknown): void => {
    failure ??= { reason };
    Atomics.store(abortFlag, 0, 1);
    for (const waiting of queue.splice(0)) waiting.reject(failure.reason);
    // A worker that has not opened its files and backend hears no "close"; what it has begun may never end.
    if (starting) for (const { thread } of workers) void thread.terminate();
  };
  const dispatch = (): void => {
    while (queue.length > 0 && !failure) {
      const worker = workers.reduce((least, candidate) => (candidate.open.size < least.open.size ? candidate : least));
      if (worker.open.size >= JOBS_PER_WORKER) return;
      const waiting = queue.shift()!;
      const id = nextId++;
      worker.open.set(id, waiting);
      worker.thread.postMessage({ id, job: waiting.job } satisfies ToWorker);
    }
  };
  const start = async (): Promise<void> => {
    const thread = new Worker(new URL("./chunk-worker.js", import.meta.url), { workerData: { setup, abortFlag } });
    const open = new Map<number, Waiting>();
    const ready = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    workers.push({ thread, open, ended: ended.promise });
    const settle = (id: number, answer: (waiting: Waiting) => void): void => {
      const waiting = open.get(id);
      open.delete(id);
      if (waiting) answer(waiting);
    };
    thread.on("message", (message: FromWorker) => {
      if (message.kind === "ready") {
        backend = message.backend;
        return ready.resolve();
      }
      if (message.kind === "done") {
        settle(message.id, ({ resolve }) => resolve(message.result));
      } else {
        fail(fromPlainError(message.error));
        if (message.id === undefined) ready.reject(failure!.reason);
        else settle(message.id, ({ reject }) => reject(failure!.reason));
      }
      dispatch();
    });
    const crashed = (cause?: unknown): void => {
      fail(new LowbitError("pipeline/worker-failed", `A worker thread ended: ${cause ?? "exit"}.`, {}, { cause }));
      ready.reject(failure!.reason);
      for (const id of open.keys()) settle(id, ({ reject }) => reject(failure!.reason));
    };
    thread.on("error", crashed);
    thread.on("exit", () => {
      if (!closing || open.size > 0) crashed();
      ended.resolve();
    });
    // A failure while the threads were being made terminated only those that were there.
    if (failure) void thread.terminate();
    await ready.promise;
  };
  const close = async (): Promise<void> => {
    closing = true;
    signal?.removeEventListener("abort", onAbort);
    for (const { thread } of workers) thread.postMessage("close" satisfies ToWorker);
    await Promise.all(workers.map(({ ended }) => ended));
  };
  const onAbort = (): void => fail(abortError());
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();

  const started = await Promise.allSettled(Array.from({ length: threads }, start));
  starting = false;
  const failed = started.find((result) => result.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    tasks: setup.tasks,
    concurrency: threads,
    backend,
    run(job) {
      if (failure) return Promise.reject(failure.reason);
      return new Promise((resolve, reject) => {
        queue.push({ job, resolve, reject });
        dispatch();
      });
    },
    close,
  };
}
