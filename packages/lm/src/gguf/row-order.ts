/**
 * How the rows of a tensor in a GGUF file are made of those of the same weight in Hugging Face's files.
 *
 * `interleaved-halves`: both turn pairs of features of a head, but llama.cpp's "llama" architecture takes neighbours
 * (2i, 2i + 1) and Hugging Face the two halves (i, i + headSize / 2).
 *
 * `by-part`: GGUF has all queries, all keys, all values; GPT-NeoX in Hugging Face's files query, key and value of head 0, of
 * head 1, …
 */
export interface RowOrder {
  readonly kind: "interleaved-halves" | "by-part";
  /** Heads of the weight: key heads for keys. */
  readonly headCount: number;
  readonly headSize: number;
}

/** The row of the Hugging Face weight that stands in row `row` of the GGUF tensor. */
export function sourceRow({ kind, headCount, headSize }: RowOrder, row: number): number {
  if (kind === "interleaved-halves") {
    const inHead = row % headSize;
    return row - inHead + (inHead % 2) * (headSize / 2) + Math.floor(inHead / 2);
  }
  const part = Math.floor(row / (headCount * headSize));
  const head = Math.floor(row / headSize) % headCount;
  return (head * 3 + part) * headSize + (row % headSize);
}

/** The row of the GGUF tensor that holds row `row` of the Hugging Face weight. */
export function ggufRow({ kind, headCount, headSize }: RowOrder, row: number): number {
  if (kind === "interleaved-halves") {
    const inHead = row % headSize;
    const half = headSize / 2;
    return row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
  }
  const head = Math.floor(row / (3 * headSize));
  const part = Math.floor(row / headSize) % 3;
  return (part * headCount + head) * headSize + (row % headSize);
}

/** `sourceRow` of every row of a GGUF tensor. */
export function sourceRows(order: RowOrder, rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => sourceRow(order, row));
}
