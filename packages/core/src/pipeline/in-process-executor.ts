import type { ChunkEnvironment } from "./chunk-environment.js";
import type { ChunkTask } from "./chunk-task.js";
import type { ChunkExecutor } from "./executor.js";
import { runChunk } from "./run-chunk.js";

/** Does chunks one after another in this thread: browsers, and one thread. The first failure fails all that wait. */
export function createInProcessExecutor(
  tasks: readonly ChunkTask[],
  environment: ChunkEnvironment & { close(): Promise<void> },
): ChunkExecutor {
  let last: Promise<unknown> = Promise.resolve();
  let failure: { readonly reason: unknown } | undefined;
  return {
    tasks,
    concurrency: 1,
    backend: `${environment.backend.name} ${environment.backend.isa}`,
    run(job) {
      const result = last.then(async () => {
        if (failure) throw failure.reason;
        try {
          return await runChunk(tasks, job, environment);
        } catch (reason) {
          failure = { reason };
          throw reason;
        }
      });
      last = result.catch(() => undefined);
      return result;
    },
    async close() {
      await last;
      await environment.close();
    },
  };
}
