import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import type { ReadOptions } from "./logical-weight.js";

/** Bytes `begin` … `end − 1` of a tensor. */
export async function readBytes(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  begin: number,
  end: number,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - begin);
  if (bytes.byteLength > 0) await checkpoint.read(tensor, begin, bytes, options);
  return bytes;
}

/** All bytes of a tensor. */
export function readAll(checkpoint: Checkpoint, tensor: CheckpointTensor, options?: ReadOptions): Promise<Uint8Array> {
  return readBytes(checkpoint, tensor, 0, tensor.byteLength, options);
}
