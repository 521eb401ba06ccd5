import type { KernelBackend } from "../backend/kernel-backend.js";
import type { RowBlock } from "../tensor/row-block.js";
import { addRows, type ErrorSums, joinErrors, NO_ERROR } from "./error-sums.js";
import { rowBlocks, rowChunks } from "./row-chunks.js";

/** Error of an approximation of a whole matrix, summed as `compare` sums it: the same figures to the bit. */
export function weightErrors(weights: RowBlock, approximation: Float32Array, backend: KernelBackend): ErrorSums {
  const { columns, values } = weights;
  let all = NO_ERROR;
  for (const chunk of rowChunks(weights)) {
    let sums = NO_ERROR;
    for (const { start, count } of rowBlocks(weights, chunk)) {
      const [begin, end] = [start * columns, (start + count) * columns];
      const block = { values: values.subarray(begin, end), rows: count, columns };
      const errors = {
        signal: new Float64Array(count),
        noise: new Float64Array(count),
        approximationPower: new Float64Array(count),
        product: new Float64Array(count),
        maximum: new Float32Array(count),
        nonFiniteCount: new Uint32Array(count),
      };
      backend.errorStatistics(block, approximation.subarray(begin, end), errors);
      sums = addRows(sums, errors, start, count, columns);
    }
    all = joinErrors(all, sums);
  }
  return all;
}
