import type { BackendBuffer } from "@lowbit/core/backend";
import type { StoreShape, VectorStore } from "./vector-store.js";

/** Vectors as F16, rounded half to even; magnitudes from 65520 on become infinite. */
export class HalfStore implements VectorStore {
  readonly #shape: StoreShape;
  readonly #buffer: BackendBuffer;

  constructor(shape: StoreShape) {
    this.#shape = shape;
    this.#buffer = shape.backend.allocate(2 * shape.sequences * shape.capacity * shape.width);
  }

  get byteLength(): number {
    return this.#buffer.byteLength;
  }

  append(rows: Float32Array, length: number, count: number): void {
    const { backend, sequences, width } = this.#shape;
    for (let s = 0; s < sequences; s++) {
      const source = rows.subarray(s * count * width, (s + 1) * count * width);
      backend.encodeFloats("F16", source, this.#positions(s, length, count));
    }
  }

  decode(length: number, target: Float32Array): void {
    const { backend, sequences, width } = this.#shape;
    for (let s = 0; s < sequences; s++) {
      const into = target.subarray(s * length * width, (s + 1) * length * width);
      backend.decodeFloats("F16", this.#positions(s, 0, length), into);
    }
  }

  #positions(sequence: number, position: number, count: number): Uint8Array {
    const { capacity, width } = this.#shape;
    const begin = 2 * (sequence * capacity + position) * width;
    return this.#buffer.bytes().subarray(begin, begin + 2 * count * width);
  }

  truncate(): void {}

  release(): void {
    this.#buffer.release();
  }
}
