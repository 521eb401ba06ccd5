import type { ChunkJob, ChunkTask } from "./chunk-task.js";

/** Does chunks: in this thread or in workers. */
export interface ChunkExecutor {
  readonly tasks: readonly ChunkTask[];
  /** Chunks that are worked on at the same time. */
  readonly concurrency: number;
  /** Backend and instruction set: "native avx512vnni". */
  readonly backend: string;
  /** Answers with what `runChunk` returns. After a failure or a cancelled run every open job is rejected. */
  run(job: ChunkJob): Promise<unknown>;
  /** Waits for running chunks, then frees memory, threads and files. */
  close(): Promise<void>;
}
