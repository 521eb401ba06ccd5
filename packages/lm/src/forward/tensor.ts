import type { BackendBuffer } from "@lowbit/core/backend";
import type { Matrix, RowBlock } from "@lowbit/core/tensor";

/** Activations [rows, columns], f32, in memory of the backend; a row is a token. */
export class Tensor implements RowBlock {
  readonly buffer: BackendBuffer;
  readonly rows: number;
  readonly columns: number;

  constructor(buffer: BackendBuffer, rows: number, columns: number) {
    this.buffer = buffer;
    this.rows = rows;
    this.columns = columns;
  }

  /** Taken anew at every use: the memory of a backend may move (see `BackendBuffer.bytes`). */
  get values(): Float32Array {
    return this.buffer.floats().subarray(0, this.rows * this.columns);
  }

  /** The same memory in rows of another length: [tokens, heads · size] as [tokens · heads, size]. */
  reshape(columns: number): Tensor {
    return new Tensor(this.buffer, (this.rows * this.columns) / columns, columns);
  }

  matrix(): Matrix {
    return { values: this.values, rows: this.rows, columns: this.columns, rowStride: this.columns, columnStride: 1 };
  }
}
