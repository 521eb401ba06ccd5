import type { BackendBuffer, KernelBackend } from "@lowbit/core/backend";
import { Tensor } from "./tensor.js";

const ALIGNMENT = 4096;
/** A free buffer serves when it is at most this many times too large. */
const MOST_WASTE = 2;

/** Memory for activations, used again and again: passes of the same shapes allocate only once. */
export class TensorPool {
  readonly #backend: KernelBackend;
  readonly #free: BackendBuffer[] = [];
  #heldBytes = 0;

  constructor(backend: KernelBackend) {
    this.#backend = backend;
  }

  /** Bytes of all buffers, in use or free. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Contents are undefined. */
  allocate(rows: number, columns: number): Tensor {
    return new Tensor(this.takeBuffer(rows * columns * Float32Array.BYTES_PER_ELEMENT), rows, columns);
  }

  /** At least `byteLength` bytes, contents undefined. */
  takeBuffer(byteLength: number): BackendBuffer {
    const size = Math.max(1, Math.ceil(byteLength / ALIGNMENT)) * ALIGNMENT;
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const found = this.#free[i]!.byteLength;
      if (found < size || found > MOST_WASTE * size) continue;
      if (best < 0 || found < this.#free[best]!.byteLength) best = i;
    }
    if (best >= 0) return this.#free.splice(best, 1)[0]!;
    this.#heldBytes += size;
    return this.#backend.allocate(size);
  }

  giveBack(buffer: BackendBuffer): void {
    this.#free.push(buffer);
  }

  /** Frees what is not in use. */
  trim(): void {
    for (const buffer of this.#free.splice(0)) {
      this.#heldBytes -= buffer.byteLength;
      buffer.release();
    }
  }
}
