import { DTYPES } from "../dtype/dtype-table.js";
import type { ChunkTask } from "./chunk-task.js";
import { COPY_BLOCK_BYTES } from "./copy-chunk.js";
import { encodedRowBytes } from "./encode-chunk.js";
import { chunkTermBytes } from "./quantize-chunk.js";
import { rowsPerBlock, rowsPerChunk } from "./row-chunks.js";
import type { WorkspaceSizes } from "./workspace.js";

/** What the largest block and the largest chunk of these tasks need. */
export function workspaceSizes(tasks: readonly ChunkTask[]): WorkspaceSizes {
  const sizes = { rawBytes: 0, blockWeights: 0, blockRows: 0, termBytes: 0 };
  const atLeast = (key: keyof WorkspaceSizes, need: number): void => {
    sizes[key] = Math.max(sizes[key], need);
  };
  for (const task of tasks) {
    if (task.kind === "scan") continue; // scans bring their own blocks
    if (task.kind === "copy") {
      atLeast("rawBytes", Math.min(COPY_BLOCK_BYTES, task.tensor.byteLength));
      continue;
    }
    const blockRows = Math.min(task.shape.rows, rowsPerBlock(task.shape));
    const blockWeights = blockRows * task.shape.columns;
    atLeast("blockRows", blockRows);
    atLeast("blockWeights", blockWeights);
    if (task.kind === "dequantize") atLeast("rawBytes", (blockWeights * DTYPES[task.dtype].bits) / 8);
    if (task.kind === "encode") {
      if (task.source.kind === "tensor") {
        atLeast("rawBytes", Math.ceil((blockWeights * DTYPES[task.source.tensor.dtype].bits) / 8));
      }
      atLeast("termBytes", rowsPerChunk(task.shape) * encodedRowBytes(task));
    }
    if (task.kind !== "quantize") continue;
    atLeast("rawBytes", Math.ceil((blockWeights * DTYPES[task.tensor.dtype].bits) / 8));
    atLeast("termBytes", chunkTermBytes(task.terms, rowsPerChunk(task.shape)));
  }
  return sizes;
}
