/**
 * Half bytes of the flattened weight as rows of packed codes: element 2i is the high half of byte i, where terms have the
 * low half first and every row at a byte.
 * @param first byte of the flattened weight that `bytes` begins with, of element 2 · `first`
 */
export function halvesToRows(
  bytes: Uint8Array,
  first: number,
  columns: number,
  begin: number,
  end: number,
): Uint8Array {
  const rowBytes = Math.ceil(columns / 2);
  const rows = new Uint8Array((end - begin) * rowBytes);
  for (let row = begin; row < end; row++) {
    const at = (row - begin) * rowBytes;
    if (columns % 2 === 0) {
      const from = (row * columns) / 2 - first;
      for (let i = 0; i < rowBytes; i++) {
        const byte = bytes[from + i]!;
        rows[at + i] = (byte >>> 4) | ((byte & 15) << 4);
      }
      continue;
    }
    for (let c = 0; c < columns; c++) {
      const element = row * columns + c;
      const byte = bytes[Math.floor(element / 2) - first]!;
      const code = element % 2 === 0 ? byte >>> 4 : byte & 15;
      rows[at + (c >>> 1)]! |= code << (4 * (c & 1));
    }
  }
  return rows;
}

/** Scales of the groups of rows: that of the block which each lies in. */
export function groupScales(
  blocks: Float32Array,
  firstBlock: number,
  blockSize: number,
  groupSize: number,
  firstGroup: number,
  groups: number,
): Float32Array {
  return Float32Array.from({ length: groups }, (_, i) => {
    const block = Math.floor(((firstGroup + i) * groupSize) / blockSize);
    return blocks[block - firstBlock]!;
  });
}
