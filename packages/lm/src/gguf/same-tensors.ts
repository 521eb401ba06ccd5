import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";

const PIECE_BYTES = 2 ** 20;

/** Whether two tensors hold the same weights in the same form. Different ones differ in the first piece, in practice. */
export async function areSame(checkpoint: Checkpoint, a: CheckpointTensor, b: CheckpointTensor): Promise<boolean> {
  const isAlike =
    a.dtype === b.dtype &&
    a.blockType === b.blockType &&
    a.byteLength === b.byteLength &&
    a.shape.join() === b.shape.join();
  if (!isAlike) return false;
  for (let offset = 0; offset < a.byteLength; offset += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, a.byteLength - offset);
    const [first, second] = [new Uint8Array(length), new Uint8Array(length)];
    await checkpoint.read(a, offset, first);
    await checkpoint.read(b, offset, second);
    if (first.some((byte, i) => byte !== second[i])) return false;
  }
  return true;
}
