import type { QuantizerTable } from "./chunk-environment.js";
import type { QuantizeTask } from "./chunk-task.js";
import { type ErrorSums, joinErrors, NO_ERROR } from "./error-sums.js";
import type { ChunkExecutor } from "./executor.js";
import { chunkCount, chunkInputBytes } from "./run-chunk.js";

/** What a finished task tells: the error where values were approximated or compared. */
export interface TaskResult {
  readonly task: number;
  readonly errors?: ErrorSums;
  /** From the start of the first chunk to the end of the last, other tensors in flight included. */
  readonly seconds: number;
}

export interface RunTasksOptions {
  readonly quantizers: QuantizerTable;
  /** Indices of the tasks to do, in the order in which they are begun. */
  readonly pending: readonly number[];
  /** Bytes of input of a task, for progress. */
  inputBytes(task: number): number;
  chunkDone?(task: number, inputBytes: number): void;
  /** Called once per task, in the order in which tasks end; awaited before the run ends. */
  taskDone(result: TaskResult): Promise<void>;
}

/**
 * Does the tasks with several in flight, so that small tensors and the ends of large ones leave no worker idle.
 * The first error ends the run: no further chunk is begun, running ones end first.
 */
export async function runTasks(executor: ChunkExecutor, options: RunTasksOptions): Promise<void> {
  const queue = options.pending[Symbol.iterator]();
  let failed = false;
  const lane = async (): Promise<void> => {
    try {
      for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
        await options.taskDone(await runTask(executor, next.value, options));
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const lanes = Array.from({ length: 2 * executor.concurrency + 1 }, lane);
  const ends = await Promise.allSettled(lanes);
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
}

async function runTask(executor: ChunkExecutor, index: number, options: RunTasksOptions): Promise<TaskResult> {
  const task = executor.tasks[index]!;
  const started = performance.now();
  const chunks = Array.from({ length: chunkCount(task) }, (_, chunk) => chunk);
  const inputBytes = options.inputBytes(index);
  const all = async (run: (chunk: number) => Promise<unknown>): Promise<unknown[]> =>
    settleAll(
      chunks.map(async (chunk) => {
        const result = await run(chunk);
        options.chunkDone?.(index, chunkInputBytes(task, inputBytes, chunk));
        return result;
      }),
    );

  let results: unknown[];
  if (task.kind === "quantize") {
    const state = await survey(task, index, executor, options.quantizers, all);
    results = await all((chunk) => executor.run({ kind: "quantize", task: index, chunk, state }));
  } else {
    results = await all((chunk) => executor.run({ kind: task.kind, task: index, chunk }));
  }
  const seconds = (performance.now() - started) / 1000;
  if (task.kind === "copy" || task.kind === "dequantize") return { task: index, seconds };
  if (task.kind === "encode" && !task.measuresError) return { task: index, seconds };
  return { task: index, seconds, errors: (results as ErrorSums[]).reduce(joinErrors, NO_ERROR) };
}

async function survey(
  task: QuantizeTask,
  index: number,
  executor: ChunkExecutor,
  quantizers: QuantizerTable,
  all: (run: (chunk: number) => Promise<unknown>) => Promise<unknown[]>,
): Promise<unknown> {
  const { survey } = quantizers[task.method]!;
  if (survey === undefined) return undefined;
  const passes = survey.passes(task.options);
  let state = survey.begin(task.shape, task.options);
  for (let pass = 0; pass < passes; pass++) {
    const partials = collectInOrder(survey.join && ((earlier, later) => survey.join!(pass, earlier, later)));
    await all(async (chunk) => {
      const found = await executor.run({ kind: "survey", task: index, chunk, pass, state });
      partials.add(chunk, found as unknown[]);
    });
    state = survey.fold(pass, state, partials.taken, task.options);
  }
  return state;
}

/** Partial results in the order of their chunks, however these end; joined to one as soon as their turn comes. */
function collectInOrder(join: ((earlier: unknown, later: unknown) => unknown) | undefined): {
  readonly taken: readonly unknown[];
  add(chunk: number, partials: readonly unknown[]): void;
} {
  const taken: unknown[] = [];
  const waiting = new Map<number, readonly unknown[]>();
  let next = 0;
  return {
    taken,
    add(chunk, partials) {
      waiting.set(chunk, partials);
      for (let turn = waiting.get(next); turn !== undefined; turn = waiting.get(next)) {
        waiting.delete(next++);
        for (const partial of turn) {
          if (join && taken.length > 0) taken[0] = join(taken[0], partial);
          else taken.push(partial);
        }
      }
    },
  };
}

/** Like Promise.all, but nothing is still under way when it rejects. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(promises);
  const failure = ends.find((end) => end.status === "rejected");
  if (failure) throw failure.reason;
  return ends.map((end) => (end as PromiseFulfilledResult<T>).value);
}
