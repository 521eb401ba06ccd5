/**
 * The memory that a chunk's result brings with it, to hand over to another thread without a copy: buffers that a typed
 * array in it covers entirely. Arrays that show a part of something larger are left out and get copied.
 */
export function ownedBuffers(result: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(result)) {
    const { buffer, byteLength } = result;
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
  }
  if (typeof result !== "object" || result === null) return [];
  return Object.values(result).flatMap(ownedBuffers);
}
