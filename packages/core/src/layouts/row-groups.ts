/** Largest number of consecutive columns that a border of rows and of blocks of a size never parts: their greatest divisor. */
export function groupSizeOf(columns: number, blockSize: number): number {
  let [a, b] = [columns, blockSize];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
