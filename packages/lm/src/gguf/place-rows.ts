import { ggufRow, type RowOrder } from "./row-order.js";

/** Rows that lie one after another in a GGUF tensor. */
export interface RowRun {
  /** First row in the GGUF tensor. */
  readonly row: number;
  /** Bytes of whole rows. */
  readonly bytes: Uint8Array;
}

/**
 * Where rows `begin`, … of a weight stand in its GGUF tensor. Rows are whole blocks or whole values, so codes and scales
 * move together. Whole heads make the fewest runs.
 * @param bytes of whole rows, as encoded or packed from the weight in its own order
 */
export function placeRows(
  order: RowOrder | undefined,
  begin: number,
  rowBytes: number,
  bytes: Uint8Array,
): readonly RowRun[] {
  if (order === undefined) return [{ row: begin, bytes }];
  const rows = Array.from({ length: bytes.byteLength / rowBytes }, (_, i) => ({
    from: i,
    to: ggufRow(order, begin + i),
  }));
  rows.sort((a, b) => a.to - b.to);
  const runs: RowRun[] = [];
  for (let first = 0; first < rows.length; ) {
    const { to } = rows[first]!;
    let end = first + 1;
    while (end < rows.length && rows[end]!.to === to + end - first) end++;
    const run = new Uint8Array((end - first) * rowBytes);
    rows.slice(first, end).forEach(({ from }, i) => {
      run.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), i * rowBytes);
    });
    runs.push({ row: to, bytes: run });
    first = end;
  }
  return runs;
}
