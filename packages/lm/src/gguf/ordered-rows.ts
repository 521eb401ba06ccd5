import type { CheckpointTensor, TensorReader } from "@lowbit/core/safetensors";
import { ggufRow, type RowOrder } from "./row-order.js";

/** Rows of a GGUF tensor whose order is another one in Hugging Face's files. */
export interface OrderedRows {
  readonly order: RowOrder;
  readonly rows: number;
  readonly rowBytes: number;
}

interface ReadOptions {
  readonly signal?: AbortSignal;
}

/**
 * Reads bytes of a GGUF tensor as if its rows lay in the order of Hugging Face's files. Rows are contiguous bytes, whatever
 * type they have: scales lie among the codes and move with them. Bytes behind the rows stay there.
 * @param offset of the reordered tensor; neither it nor the end of `target` need lie on a row
 */
export async function readInSourceOrder(
  reader: TensorReader,
  tensor: CheckpointTensor,
  { order, rows, rowBytes }: OrderedRows,
  offset: number,
  target: Uint8Array,
  options?: ReadOptions,
): Promise<void> {
  const length = Math.max(0, Math.min(target.byteLength, rows * rowBytes - offset));
  if (length < target.byteLength) await reader.read(tensor, offset + length, target.subarray(length), options);
  const end = Math.ceil((offset + length) / rowBytes);
  for (let row = Math.floor(offset / rowBytes); row < end; ) {
    // Rows of one head lie in one head of the file, side by side or every second one.
    const headEnd = Math.min(end, (Math.floor(row / order.headSize) + 1) * order.headSize);
    await readRowsOfHead(row, headEnd);
    row = headEnd;
  }

  async function readRowsOfHead(from: number, to: number): Promise<void> {
    const places = Array.from({ length: to - from }, (_, i) => ggufRow(order, from + i));
    const first = Math.min(...places);
    const bytes = new Uint8Array((Math.max(...places) + 1 - first) * rowBytes);
    await reader.read(tensor, first * rowBytes, bytes, options);
    for (const [i, place] of places.entries()) {
      const start = (from + i) * rowBytes - offset;
      const skipped = Math.max(0, -start);
      const wanted = Math.min(rowBytes, length - start);
      const at = (place - first) * rowBytes;
      target.set(bytes.subarray(at + skipped, at + wanted), start + skipped);
    }
  }
}
