/** One line of `lowbit inspect`: a plain tensor, or a quantized weight with all its arrays. */
export interface LogicalRow {
  readonly name: string;
  /** dtype of a plain tensor, block type "Q4_K", "method: affine 4-bit g32" or "gptq: affine 4-bit g128". */
  readonly storage: string;
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly bytes: number;
  readonly shard: string;
  /** What to know of how it was read. */
  readonly notes?: readonly string[];
}

/** Stored bits per weight; undefined for an empty tensor. */
export function bitsPerWeight({
  bytes,
  parameters,
}: {
  readonly bytes: number;
  readonly parameters: number;
}): number | undefined {
  return parameters > 0 ? (bytes * 8) / parameters : undefined;
}

export type SortKey = "name" | "bytes" | "parameters" | "bpw";

/** Natural order of names is the order of the checkpoint; the others are descending. */
export function sortRows(rows: readonly LogicalRow[], key: SortKey): LogicalRow[] {
  const figure = {
    name: () => 0,
    bytes: (row: LogicalRow) => row.bytes,
    parameters: (row: LogicalRow) => row.parameters,
    bpw: (row: LogicalRow) => bitsPerWeight(row) ?? 0,
  }[key];
  return [...rows].sort((a, b) => figure(b) - figure(a));
}
