import type { ChunkEnvironment } from "./chunk-environment.js";
import type { ChunkJob, ChunkTask } from "./chunk-task.js";
import { compareChunk } from "./compare-chunk.js";
import { copyChunk, copyChunkBytes, copyChunkCount } from "./copy-chunk.js";
import { dequantizeChunk } from "./dequantize-chunk.js";
import { encodeChunk } from "./encode-chunk.js";
import { quantizeChunk } from "./quantize-chunk.js";
import { type RowRange, rowChunks } from "./row-chunks.js";
import { scanChunk, scanChunkBytes, scanChunkCount } from "./scan-chunk.js";
import { surveyChunk } from "./survey-chunk.js";

/** Does one job; the answer is plain data: partials of a survey or a scan, error sums, or nothing. */
export async function runChunk(
  tasks: readonly ChunkTask[],
  job: ChunkJob,
  environment: ChunkEnvironment,
): Promise<unknown> {
  environment.throwIfAborted();
  const task = tasks[job.task]!;
  if (task.kind === "copy") return copyChunk(task, job.chunk, environment);
  if (task.kind === "scan") return scanChunk(task, job.chunk, environment);
  const chunk = chunkRows(task, job.chunk);
  if (task.kind === "dequantize") return dequantizeChunk(task, chunk, environment);
  if (task.kind === "encode") return encodeChunk(task, chunk, environment);
  if (task.kind === "compare") return compareChunk(task, chunk, environment);
  if (job.kind === "survey") return surveyChunk(task, chunk, job.pass, job.state, environment);
  return quantizeChunk(task, chunk, job.kind === "quantize" ? job.state : undefined, environment);
}

export function chunkCount(task: ChunkTask): number {
  if (task.kind === "copy") return copyChunkCount(task);
  return task.kind === "scan" ? scanChunkCount(task) : rowChunks(task.shape).length;
}

/** Share of a task's input in one chunk, in bytes of `inputBytes` (for progress). */
export function chunkInputBytes(task: ChunkTask, inputBytes: number, chunk: number): number {
  if (task.kind === "copy") return copyChunkBytes(task, chunk);
  if (task.kind === "scan") return scanChunkBytes(task, chunk);
  return (inputBytes * chunkRows(task, chunk).count) / task.shape.rows;
}

function chunkRows(task: Exclude<ChunkTask, { readonly kind: "copy" | "scan" }>, chunk: number): RowRange {
  return rowChunks(task.shape)[chunk]!;
}
