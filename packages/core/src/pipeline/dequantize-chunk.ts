import { DTYPES } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { DequantizeTask } from "./chunk-task.js";
import { type RowRange, rowBlocks } from "./row-chunks.js";

/** Writes the rows of a chunk as plain values. */
export async function dequantizeChunk(
  task: DequantizeTask,
  chunk: RowRange,
  environment: ChunkEnvironment,
): Promise<void> {
  const { backend, workspace, writer } = environment;
  const { columns } = task.shape;
  const rowBytes = (columns * DTYPES[task.dtype].bits) / 8;
  const weight = await environment.weights!.open(task.weight);
  for (const { start, count } of rowBlocks(task.shape, chunk)) {
    environment.throwIfAborted();
    const views = workspace.views();
    const values = views.values.subarray(0, count * columns);
    const bytes = views.raw[0].subarray(0, count * rowBytes);
    await weight.read(start, start + count, values);
    backend.encodeFloats(task.dtype, values, bytes);
    if (backend.decodeFloats(task.dtype, bytes, values) > 0) throw overflow(task, start, count);
    await writer!.write(task.place.file, task.place.byteOffset + start * rowBytes, bytes);
  }
}

function overflow({ weight, dtype }: DequantizeTask, start: number, count: number): LowbitError {
  return new LowbitError(
    "pipeline/value-overflow",
    `Weight "${weight}", rows ${start} to ${start + count - 1}: a value is not finite as ${dtype}.`,
    { weight, dtype, firstRow: start, rowCount: count },
  );
}
