/**
 * Two orders of 4-bit codes. ggml: byte j of a run of `half` bytes holds code j in its low nibble and code j + half in its
 * high one ("halves"). Terms: codes 2j and 2j + 1 ("neighbours").
 */

/** `half` bytes (even) at `from` in halves to as many at `to` with neighbours. */
export function halvesToNeighbours(
  source: Uint8Array,
  from: number,
  half: number,
  target: Uint8Array,
  to: number,
): void {
  const middle = to + half / 2;
  for (let j = 0; j < half; j += 2) {
    const a = source[from + j]!;
    const b = source[from + j + 1]!;
    target[to + (j >> 1)] = (a & 15) | ((b & 15) << 4);
    target[middle + (j >> 1)] = (a >> 4) | (b & 0xf0);
  }
}

/** One code a byte, `2 · half` of them from `from` on, into halves. */
export function packHalves(codes: Uint8Array, from: number, half: number, target: Uint8Array, to: number): void {
  for (let j = 0; j < half; j++) target[to + j] = (codes[from + j]! & 15) | ((codes[from + half + j]! & 15) << 4);
}
