/**
 * Eight scales s and eight minimums m of six bits in twelve bytes b (Q4_K, Q5_K): the first four in the low six bits of b0 …
 * b3 and b4 … b7; of the last four the low nibbles in b8 … b11 (scale low, minimum high) and the two high bits on top of
 * b0 … b3 and b4 … b7.
 */
export function readSixBitPairs(source: Uint8Array, from: number, scales: Int8Array, minimums: Uint8Array): void {
  for (let k = 0; k < 4; k++) {
    const s = source[from + k]!;
    const m = source[from + 4 + k]!;
    const low = source[from + 8 + k]!;
    scales[k] = s & 63;
    minimums[k] = m & 63;
    scales[k + 4] = (low & 15) | ((s >> 6) << 4);
    minimums[k + 4] = (low >> 4) | ((m >> 6) << 4);
  }
}

export function writeSixBitPairs(scales: Int8Array, minimums: Uint8Array, target: Uint8Array, to: number): void {
  for (let k = 0; k < 4; k++) {
    const s = scales[k + 4]!;
    const m = minimums[k + 4]!;
    target[to + k] = scales[k]! | ((s >> 4) << 6);
    target[to + 4 + k] = minimums[k]! | ((m >> 4) << 6);
    target[to + 8 + k] = (s & 15) | ((m & 15) << 4);
  }
}
