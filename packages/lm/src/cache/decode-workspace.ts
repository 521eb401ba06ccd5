import type { BackendBuffer, KernelBackend } from "@lowbit/core/backend";

/** Decoded keys and values of the block that is being read; all blocks of a cache share it. */
export class DecodeWorkspace {
  readonly #backend: KernelBackend;
  /** Most f32 of the keys, or of the values, that will ever be asked for. */
  readonly #most: number;
  #buffer: BackendBuffer | undefined;
  #room = 0;
  #length = 0;

  constructor(backend: KernelBackend, most: number) {
    this.#backend = backend;
    this.#most = most;
  }

  get byteLength(): number {
    return this.#buffer?.byteLength ?? 0;
  }

  /** Makes room for `length` f32 of each. Grows by half, so that a cache that grows by tokens rarely allocates. */
  reserve(length: number): void {
    this.#length = length;
    if (length <= this.#room) return;
    this.#buffer?.release();
    this.#room = Math.min(this.#most, Math.ceil(Math.max(length, 1.5 * this.#room) / 16) * 16);
    this.#room = Math.max(this.#room, length);
    this.#buffer = this.#backend.allocate(8 * this.#room);
  }

  keys(): Float32Array {
    return this.#buffer?.floats().subarray(0, this.#length) ?? new Float32Array(0);
  }

  values(): Float32Array {
    return this.#buffer?.floats().subarray(this.#room, this.#room + this.#length) ?? new Float32Array(0);
  }

  release(): void {
    this.#buffer?.release();
    this.#buffer = undefined;
    this.#room = 0;
  }
}
