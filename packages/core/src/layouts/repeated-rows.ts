/**
 * How many rows at a time repeat their scales [rows, groups]: 1 when neighbours differ. Rows that are all the same count
 * as one block.
 */
export function repeatedRows(scales: Float32Array, rows: number, groups: number): number {
  const sameAs = (row: number, other: number): boolean => {
    for (let group = 0; group < groups; group++) {
      if (scales[row * groups + group] !== scales[other * groups + group]) return false;
    }
    return true;
  };
  let size = 1;
  while (size < rows && sameAs(size, 0)) size++;
  for (let row = size; row < rows; row++) {
    if (!sameAs(row, row - (row % size))) return 1;
  }
  return size;
}
