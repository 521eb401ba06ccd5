import type { ChunkEnvironment } from "./chunk-environment.js";
import type { CompareTask } from "./chunk-task.js";
import { addRows, type ErrorSums, NO_ERROR } from "./error-sums.js";
import { type RowRange, rowBlocks } from "./row-chunks.js";

/**
 * Error of the second checkpoint's weight against the first one's, over the rows of a chunk. Blocks and sums are those
 * of `quantizeChunk`: comparing an original with its quantized copy gives the figures of the run to the bit.
 */
export async function compareChunk(
  task: CompareTask,
  chunk: RowRange,
  environment: ChunkEnvironment,
): Promise<ErrorSums> {
  const { backend, workspace } = environment;
  const [left, right] = await Promise.all([
    environment.weights!.open(task.weight),
    environment.otherWeights!.open(task.weight),
  ]);
  const { columns } = task.shape;
  let sums = NO_ERROR;
  for (const { start, count } of rowBlocks(task.shape, chunk)) {
    await environment.pause?.();
    environment.throwIfAborted();
    const views = workspace.views();
    const values = views.values.subarray(0, count * columns);
    const approximation = views.approximation.subarray(0, count * columns);
    await left.read(start, start + count, values);
    await right.read(start, start + count, approximation);
    backend.errorStatistics({ values, rows: count, columns }, approximation, views.errors);
    countUnequal(values, approximation, columns, views.errors.nonFiniteCount);
    sums = addRows(sums, views.errors, start, count, columns);
  }
  return sums;
}

/** Where rows hold NaN or infinities, counts only those that the other side does not hold at the same place. */
function countUnequal(
  values: Float32Array,
  approximation: Float32Array,
  columns: number,
  nonFiniteCount: Uint32Array,
): void {
  for (let row = 0; row < values.length / columns; row++) {
    if (nonFiniteCount[row] === 0) continue;
    let unequal = 0;
    for (let place = row * columns; place < (row + 1) * columns; place++) {
      const finite = Number.isFinite(values[place]) && Number.isFinite(approximation[place]);
      if (!finite && !Object.is(values[place], approximation[place])) unequal++;
    }
    nonFiniteCount[row] = unequal;
  }
}
