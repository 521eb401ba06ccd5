/**
 * 256 numbers of two bits in 64 bytes: byte 32h + l holds those of weights 128h + 32j + l for j = 0 … 3, the lowest first.
 * The codes of Q2_K, the low bits of Q3_K and the high bits of Q6_K.
 */

/** Ors the numbers, `shift` bits up, into `codes`. */
export function readTwoBitPlanes(source: Uint8Array, from: number, shift: number, codes: Uint8Array): void {
  for (let i = 0; i < codes.length; i++) {
    codes[i]! |= ((source[from + planeByte(i)]! >> planeShift(i)) & 3) << shift;
  }
}

/** The two bits of every code that begin at bit `shift`. */
export function writeTwoBitPlanes(codes: Uint8Array, shift: number, target: Uint8Array, to: number): void {
  target.fill(0, to, to + 64);
  for (let i = 0; i < codes.length; i++) target[to + planeByte(i)]! |= ((codes[i]! >> shift) & 3) << planeShift(i);
}

function planeByte(i: number): number {
  return 32 * (i >> 7) + (i & 31);
}

function planeShift(i: number): number {
  return 2 * ((i >> 5) & 3);
}
