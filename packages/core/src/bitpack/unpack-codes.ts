/**
 * The inverse of `packCodes`: one code a byte.
 *
 * @param bytes at least `packedByteLength(count, bits)` bytes
 * @param bits 1 to 8
 * @param target at least `count` bytes, written from its start
 */
export function unpackCodes(bytes: Uint8Array, bits: number, count: number, target: Uint8Array): void {
  const mask = (1 << bits) - 1;
  if (8 % bits === 0) {
    for (let i = 0, at = 0; i < count; at++) {
      const byte = bytes[at]!;
      for (let shift = 0; shift < 8 && i < count; shift += bits) target[i++] = (byte >> shift) & mask;
    }
    return;
  }
  let pending = 0;
  let pendingBits = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (pendingBits < bits) {
      pending |= bytes[at++]! << pendingBits;
      pendingBits += 8;
    }
    target[i] = pending & mask;
    pending >>>= bits;
    pendingBits -= bits;
  }
}
