import { LowbitError } from "../errors/index.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { QuantizeTask } from "./chunk-task.js";
import { decodeWeights } from "./decode-weights.js";
import { readBlocks } from "./read-blocks.js";
import type { RowRange } from "./row-chunks.js";

/** One pass of a method's survey over one chunk. Returns a partial result per block, in row order. */
export async function surveyChunk(
  task: QuantizeTask,
  chunk: RowRange,
  pass: number,
  state: unknown,
  environment: ChunkEnvironment,
): Promise<unknown[]> {
  const survey = environment.quantizers[task.method]?.survey;
  if (survey === undefined) {
    throw new LowbitError("options/unknown-method", `Method "${task.method}" has no survey.`, { method: task.method });
  }
  const partials: unknown[] = [];
  await readBlocks(task.tensor, task.shape, chunk, environment, (bytes, rows) => {
    const block = decodeWeights(task.tensor, task.shape, bytes, rows, environment);
    partials.push(survey.look(pass, state, block, task.options, environment.backend));
  });
  return partials;
}
