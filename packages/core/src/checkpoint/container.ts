import type { ByteSource } from "../bytes/byte-source.js";
import { GGUF_MAGIC } from "../gguf/gguf-header.js";

export const SHARD_ENDING = ".safetensors";
export const INDEX_ENDING = ".safetensors.index.json";
export const GGUF_ENDING = ".gguf";

/** Whether a file begins with "GGUF". No safetensors file can: its header would have 1 179 993 927 bytes. */
export async function beginsAsGguf(source: ByteSource, signal?: AbortSignal): Promise<boolean> {
  if (source.byteLength < GGUF_MAGIC.length) return false;
  const bytes = new Uint8Array(GGUF_MAGIC.length);
  await source.read(0, bytes, signal === undefined ? {} : { signal });
  return String.fromCharCode(...bytes) === GGUF_MAGIC;
}
