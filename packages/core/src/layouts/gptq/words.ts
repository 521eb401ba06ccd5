/** Bytes of the I32 matrix [rows, columns] in the order of its transpose: element (r, c) at c·rows + r. */
export function transposeWords(source: Uint8Array, rows: number, columns: number): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(source.byteLength);
  const from = wordsOf(source);
  const to = new Uint32Array(target.buffer);
  // Squares of words stay in the cache on both sides.
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const [bottom, right] = [Math.min(rows, top + TILE), Math.min(columns, left + TILE)];
      for (let c = left; c < right; c++) for (let r = top; r < bottom; r++) to[c * rows + r] = from[r * columns + c]!;
    }
  }
  return target;
}

const TILE = 32;

/** The bytes as 32-bit words, which keep their byte order when they are only moved; a copy when they lie unaligned. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
