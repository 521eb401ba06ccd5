import { once } from "node:events";
import { stat } from "node:fs/promises";
import { Worker } from "node:worker_threads";

/** Reads a whole file with several threads, again and again: the limit for everything that goes through a file. */
export interface ReadCeiling {
  /** Seconds of one reading. */
  measure(): Promise<number>;
  close(): Promise<void>;
}

export async function openReadCeiling(path: string, threads: number): Promise<ReadCeiling> {
  const { size } = await stat(path);
  const share = Math.ceil(size / threads);
  const workers = Array.from({ length: threads }, (_, index) => {
    const workerData = { path, begin: index * share, end: Math.min(size, (index + 1) * share) };
    return new Worker(new URL("./read-worker.js", import.meta.url), { workerData });
  });
  await Promise.all(workers.map((worker) => once(worker, "message")));
  return {
    async measure() {
      const started = performance.now();
      const answers = workers.map((worker) => once(worker, "message"));
      for (const worker of workers) worker.postMessage("read");
      await Promise.all(answers);
      return (performance.now() - started) / 1000;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
