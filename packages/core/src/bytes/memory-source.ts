import type { ByteSource } from "./byte-source.js";
import { checkSpan } from "./byte-span.js";

/** Bytes that are in memory already; nothing is copied until they are read. */
export function createMemorySource(bytes: Uint8Array, name = "memory"): ByteSource {
  return {
    name,
    byteLength: bytes.byteLength,
    async read(offset, target, options) {
      options?.signal?.throwIfAborted();
      checkSpan(name, bytes.byteLength, offset, target.byteLength);
      target.set(bytes.subarray(offset, offset + target.byteLength));
    },
    async close() {},
  };
}
