import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";
import { sha256 } from "./sha256.js";

/** Bytes that are looked at: so many places of every tensor, evenly spread from its first byte to its last. */
const PLACES = 16;
const PLACE_BYTES = 64;

/**
 * Tells models apart by a look at few of their bytes: SHA-256 over name, dtype, shape and 1 KiB of every tensor, in order of
 * their names. Sharding and metadata do not matter. Training or quantizing changes values everywhere, which these bytes
 * show; a change of single weights elsewhere they do not.
 */
export async function modelFingerprint(checkpoint: Checkpoint): Promise<string> {
  const tensors = checkpoint.tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const tensor of tensors) {
    parts.push(encoder.encode(`${JSON.stringify([tensor.name, tensor.dtype, tensor.shape])}\n`));
    parts.push(await sampledBytes(checkpoint, tensor));
  }
  const joined = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return sha256(joined);
}

async function sampledBytes(checkpoint: Checkpoint, tensor: CheckpointTensor): Promise<Uint8Array> {
  const { byteLength } = tensor;
  const all = PLACES * PLACE_BYTES;
  const sample = new Uint8Array(Math.min(byteLength, all));
  if (byteLength <= all) {
    await checkpoint.read(tensor, 0, sample);
    return sample;
  }
  for (let place = 0; place < PLACES; place++) {
    const offset = Math.floor(((byteLength - PLACE_BYTES) * place) / (PLACES - 1));
    await checkpoint.read(tensor, offset, sample.subarray(place * PLACE_BYTES, (place + 1) * PLACE_BYTES));
  }
  return sample;
}
