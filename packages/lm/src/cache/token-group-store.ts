import { termRows } from "@lowbit/core/terms";
import { StoredTerm } from "./stored-term.js";
import type { StoreShape, VectorStore } from "./vector-store.js";

/**
 * Affine codes, a scale and a minimum for every `groupSize` consecutive features of a token. A position is coded once, when
 * it is appended. Scales and minimums are F16: magnitudes from 65520 on become infinite.
 */
export class TokenGroupStore implements VectorStore {
  readonly #shape: StoreShape;
  readonly #stored: StoredTerm;

  constructor(shape: StoreShape, bits: number, groupSize: number) {
    this.#shape = shape;
    this.#stored = new StoredTerm(
      {
        kind: "affine",
        rows: shape.sequences * shape.capacity,
        columns: shape.width,
        bits,
        zero: "minimum",
        granularity: "group",
        groupSize,
        scaleDtype: "F16",
      },
      shape.backend,
    );
  }

  get byteLength(): number {
    return this.#stored.byteLength;
  }

  append(rows: Float32Array, length: number, count: number): void {
    const { backend, sequences, capacity, width } = this.#shape;
    for (let s = 0; s < sequences; s++) {
      const values = rows.subarray(s * count * width, (s + 1) * count * width);
      const begin = s * capacity + length;
      const target = termRows(this.#stored.term(), begin, begin + count);
      backend.affineFit({ values, rows: count, columns: width }, target, { includeZero: false });
    }
  }

  decode(length: number, target: Float32Array): void {
    const { backend, sequences, capacity, width } = this.#shape;
    target.fill(0);
    for (let s = 0; s < sequences; s++) {
      const begin = s * capacity;
      const into = target.subarray(s * length * width, (s + 1) * length * width);
      backend.affineDecode(termRows(this.#stored.term(), begin, begin + length), into);
    }
  }

  truncate(): void {}

  release(): void {
    this.#stored.release();
  }
}
