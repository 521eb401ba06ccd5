/** Bytes that `count` codes of `bits` bits take; a row always starts at a byte. */
export function packedByteLength(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}
