import { DTYPES } from "../dtype/dtype-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import type { MatrixShape } from "../tensor/row-block.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import type { RowRange } from "./row-chunks.js";

/**
 * Stored bytes of rows that stand in another order in the input, in the order in which they are wanted. Rows that stand
 * side by side in the input are read together. The bytes lie in the workspace.
 * @param order row of the input of every row
 */
export async function readOrderedRows(
  tensor: CheckpointTensor,
  { columns }: MatrixShape,
  order: Uint32Array,
  { start, count }: RowRange,
  { checkpoint, workspace }: ChunkEnvironment,
): Promise<Uint8Array> {
  const rowBytes = (columns * DTYPES[tensor.dtype].bits) / 8;
  const wanted = Array.from({ length: count }, (_, index) => ({ index, from: order[start + index]! }));
  wanted.sort((left, right) => left.from - right.from);
  for (let run = 0; run < count; ) {
    let end = run + 1;
    while (end < count && wanted[end]!.from === wanted[end - 1]!.from + 1) end++;
    const scratch = workspace.views().raw[1].subarray(0, (end - run) * rowBytes);
    await checkpoint.read(tensor, wanted[run]!.from * rowBytes, scratch);
    const target = workspace.views().raw[0];
    for (let i = run; i < end; i++) {
      target.set(scratch.subarray((i - run) * rowBytes, (i - run + 1) * rowBytes), wanted[i]!.index * rowBytes);
    }
    run = end;
  }
  return workspace.views().raw[0].subarray(0, count * rowBytes);
}
