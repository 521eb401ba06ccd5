import type { BackendBuffer } from "@lowbit/core/backend";
import type { StoreShape, VectorStore } from "./vector-store.js";

/** Vectors as they are; attention may read them in place (`values`), rows of a sequence `capacity` apart. */
export class FloatStore implements VectorStore {
  readonly #shape: StoreShape;
  readonly #buffer: BackendBuffer;

  constructor(shape: StoreShape) {
    this.#shape = shape;
    this.#buffer = shape.backend.allocate(4 * shape.sequences * shape.capacity * shape.width);
  }

  get byteLength(): number {
    return this.#buffer.byteLength;
  }

  /** [sequences · capacity, width]; positions beyond the length are undefined. */
  values(): Float32Array {
    return this.#buffer.floats();
  }

  append(rows: Float32Array, length: number, count: number): void {
    const { sequences, capacity, width } = this.#shape;
    const values = this.values();
    for (let s = 0; s < sequences; s++) {
      values.set(rows.subarray(s * count * width, (s + 1) * count * width), (s * capacity + length) * width);
    }
  }

  decode(length: number, target: Float32Array): void {
    const { sequences, capacity, width } = this.#shape;
    const values = this.values();
    for (let s = 0; s < sequences; s++) {
      const begin = s * capacity * width;
      target.set(values.subarray(begin, begin + length * width), s * length * width);
    }
  }

  truncate(): void {}

  release(): void {
    this.#buffer.release();
  }
}
