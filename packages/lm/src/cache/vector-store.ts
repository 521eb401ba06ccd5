import type { KernelBackend } from "@lowbit/core/backend";

/** Room for the keys, or the values, of one block. */
export interface StoreShape {
  readonly backend: KernelBackend;
  readonly sequences: number;
  /** Most positions of a sequence. */
  readonly capacity: number;
  /** Features of a position: keyValueHeads · headSize. */
  readonly width: number;
}

/** The keys, or the values, of one block. All sequences have the same length, which the caller keeps. */
export interface VectorStore {
  /** Memory of the backend, all of it taken at the start. */
  readonly byteLength: number;
  /** Writes `rows` [sequences · count, width] at positions `length` … `length + count − 1` of every sequence. */
  append(rows: Float32Array, length: number, count: number): void;
  /** Decodes the first `length` positions of every sequence into `target` [sequences · length, width]. */
  decode(length: number, target: Float32Array): void;
  /** Forgets all but the first `length` of `held` positions. */
  truncate(length: number, held: number): void;
  release(): void;
}
