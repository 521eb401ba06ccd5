import type { BackendBuffer, KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";

/** Every span starts at a multiple of this, as kernels like it best. */
const ALIGNMENT = 64;

/** A span of a part's memory. */
export interface MemorySpan {
  /** Taken anew at every use: the memory of a backend may move (see `BackendBuffer.bytes`). */
  bytes(): Uint8Array;
}

/**
 * One buffer of a backend for all weights of a part of a model. Spans are reserved first, then the buffer is allocated,
 * then it is filled.
 */
export class PartMemory {
  #byteLength = 0;
  #buffer: BackendBuffer | undefined;
  #bytes: Uint8Array | undefined;

  get byteLength(): number {
    return this.#byteLength;
  }

  reserve(byteLength: number): MemorySpan {
    const begin = this.#byteLength;
    this.#byteLength += Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
    let view: Uint8Array | undefined;
    let whole: Uint8Array | undefined;
    return {
      bytes: () => {
        const bytes = this.#view();
        if (view === undefined || whole !== bytes) {
          whole = bytes;
          view = bytes.subarray(begin, begin + byteLength);
        }
        return view;
      },
    };
  }

  allocate(backend: KernelBackend): void {
    this.#buffer = backend.allocate(this.#byteLength);
  }

  release(): void {
    this.#buffer?.release();
    this.#buffer = undefined;
    this.#bytes = undefined;
  }

  #view(): Uint8Array {
    if (this.#buffer === undefined) {
      throw new LowbitError("model/released", "Weights were used after their part of the model was released.");
    }
    // A view whose memory has moved has no bytes left.
    if (this.#bytes === undefined || this.#bytes.byteLength === 0) this.#bytes = this.#buffer.bytes();
    return this.#bytes;
  }
}
