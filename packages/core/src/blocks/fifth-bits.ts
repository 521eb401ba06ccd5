/** 5-bit codes of Q5_0 and Q5_1, 32 of them: the fifth bits as a u32 (bit j for code j), then 16 bytes of nibbles in halves. */

/** To 20 bytes of a term: code i in bits 5i …. */
export function unpackFifthBits(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let eight = 0; eight < 4; eight++) {
    const high = source[from + eight]!;
    const at = from + 4 + (eight & 1) * 8;
    const shift = (eight & 2) << 1;
    const first = fourCodes(source, at, shift, high);
    const second = fourCodes(source, at + 4, shift, high >> 4);
    const place = to + 5 * eight;
    target[place] = first;
    target[place + 1] = first >> 8;
    target[place + 2] = (first >> 16) | (second << 4);
    target[place + 3] = second >> 4;
    target[place + 4] = second >> 12;
  }
}

/** 20 bits of four codes: nibbles at bit `shift` of four bytes, fifth bits from the lowest bit of `high` up. */
function fourCodes(source: Uint8Array, at: number, shift: number, high: number): number {
  return (
    ((source[at]! >> shift) & 15) |
    (((source[at + 1]! >> shift) & 15) << 5) |
    (((source[at + 2]! >> shift) & 15) << 10) |
    (((source[at + 3]! >> shift) & 15) << 15) |
    ((high & 1) << 4) |
    ((high & 2) << 8) |
    ((high & 4) << 12) |
    ((high & 8) << 16)
  );
}

/** One code a byte, 32 of them from `from` on. */
export function packFifthBits(codes: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let eight = 0; eight < 4; eight++) {
    let high = 0;
    for (let j = 0; j < 8; j++) high |= (codes[from + 8 * eight + j]! >> 4) << j;
    target[to + eight] = high;
  }
  for (let j = 0; j < 16; j++) target[to + 4 + j] = (codes[from + j]! & 15) | ((codes[from + 16 + j]! & 15) << 4);
}
