import { DTYPES } from "../dtype/dtype-table.js";
import type { CheckpointTensor } from "../safetensors/checkpoint.js";
import type { MatrixShape } from "../tensor/row-block.js";
import type { ChunkEnvironment } from "./chunk-environment.js";
import { type RowRange, rowBlocks } from "./row-chunks.js";

/**
 * Calls `use` with the stored bytes of every block of a chunk, in row order, while the next block is being read.
 * The bytes lie in backend memory and are valid until `use` has resolved.
 */
export async function readBlocks(
  tensor: CheckpointTensor,
  shape: MatrixShape,
  chunk: RowRange,
  environment: ChunkEnvironment,
  use: (bytes: Uint8Array, rows: RowRange) => void,
): Promise<void> {
  const bits = shape.columns * DTYPES[tensor.dtype].bits;
  const { checkpoint, workspace } = environment;
  const blocks = rowBlocks(shape, chunk);
  const read = async (index: number): Promise<Uint8Array> => {
    const { start, count } = blocks[index]!;
    const target = workspace.views().raw[index % 2]!.subarray(0, (count * bits) / 8);
    await checkpoint.read(tensor, (start * bits) / 8, target);
    return target;
  };
  let ahead: Promise<Uint8Array> | undefined;
  for (let index = 0; index < blocks.length; index++) {
    await environment.pause?.();
    const bytes = await (ahead ?? read(index));
    environment.throwIfAborted();
    ahead = environment.readsAhead && index + 1 < blocks.length ? read(index + 1) : undefined;
    try {
      use(bytes, blocks[index]!);
    } catch (error) {
      await ahead?.catch(() => undefined);
      throw error;
    }
  }
}
