import type { ByteSource } from "./byte-source.js";
import { checkSpan, shortRead } from "./byte-span.js";

/** What a source needs of a Blob or File; the DOM's own type satisfies it. */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/**
 * A Blob or File of a browser. `Blob` has no read into a given buffer, so each read makes one passing copy of its own
 * size: read in pieces of a few MiB.
 */
export function createBlobSource(blob: BlobLike, name = "blob"): ByteSource {
  return {
    name,
    byteLength: blob.size,
    async read(offset, target, options) {
      options?.signal?.throwIfAborted();
      checkSpan(name, blob.size, offset, target.byteLength);
      if (target.byteLength === 0) return;
      const piece = new Uint8Array(await blob.slice(offset, offset + target.byteLength).arrayBuffer());
      options?.signal?.throwIfAborted();
      if (piece.byteLength !== target.byteLength) {
        throw shortRead(name, offset, target.byteLength, piece.byteLength);
      }
      target.set(piece);
    },
    async close() {},
  };
}
