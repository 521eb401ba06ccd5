/**
 * Packs b-bit codes lowest bit first: code i takes bits i·b … i·b + b − 1 of the bytes, bit 0 being the lowest bit of
 * byte 0. Bits after the last code are 0.
 *
 * @param codes one code a byte, each below 2^bits
 * @param bits 1 to 8
 * @param target at least `packedByteLength(codes.length, bits)` bytes, written from its start
 */
export function packCodes(codes: Uint8Array, bits: number, target: Uint8Array): void {
  let pending = 0;
  let pendingBits = 0;
  let at = 0;
  for (let i = 0; i < codes.length; i++) {
    pending |= codes[i]! << pendingBits;
    pendingBits += bits;
    if (pendingBits >= 8) {
      target[at++] = pending & 0xff;
      pending >>>= 8;
      pendingBits -= 8;
    }
  }
  if (pendingBits > 0) target[at] = pending;
}
