import type { ChunkEnvironment } from "./chunk-environment.js";
import type { CopyTask } from "./chunk-task.js";

/** Bytes of one chunk of a copied tensor, and of one read. */
const COPY_CHUNK_BYTES = 8 * 2 ** 20;
export const COPY_BLOCK_BYTES: number = 2 ** 19;

export function copyChunkCount({ tensor }: CopyTask): number {
  return Math.ceil(tensor.byteLength / COPY_CHUNK_BYTES);
}

/** Bytes of input in chunk `chunk`. */
export function copyChunkBytes({ tensor }: CopyTask, chunk: number): number {
  return Math.min(COPY_CHUNK_BYTES, tensor.byteLength - chunk * COPY_CHUNK_BYTES);
}

export async function copyChunk(task: CopyTask, chunk: number, environment: ChunkEnvironment): Promise<void> {
  const { tensor, place } = task;
  const begin = chunk * COPY_CHUNK_BYTES;
  const end = begin + copyChunkBytes(task, chunk);
  for (let offset = begin; offset < end; offset += COPY_BLOCK_BYTES) {
    environment.throwIfAborted();
    const block = environment.workspace.views().raw[0].subarray(0, Math.min(COPY_BLOCK_BYTES, end - offset));
    await environment.checkpoint.read(tensor, offset, block);
    await environment.writer!.write(place.file, place.byteOffset + offset, block);
  }
}
