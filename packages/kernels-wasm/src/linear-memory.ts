import type { BackendBuffer } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { MemoryAllocator } from "./memory-allocator.js";

const PAGE_BYTES = 65_536;
const MAX_PAGES = 65_536;
/**
 * Pages asked for at the start, first size that the host grants. Untouched pages cost nothing, and a memory that need
 * not grow never detaches a view.
 */
const INITIAL_PAGES: readonly number[] = [4096, 1024, 256];

/**
 * Creates the memory before the module, which imports it.
 * @param initialBytes what the memory starts with, rounded up to pages of 64 KiB and at least 16 MiB
 * @throws `backend/memory-size` beyond 4 GiB, `backend/out-of-memory` when the host does not grant it
 */
export function createMemory(initialBytes?: number): WebAssembly.Memory {
  const sizes = initialBytes === undefined ? INITIAL_PAGES : [pagesFor(initialBytes)];
  for (const initial of sizes) {
    try {
      return new WebAssembly.Memory({ initial, maximum: MAX_PAGES });
    } catch {
      // The host grants less: try the next size. A size that was asked for has no next one.
    }
  }
  const least = sizes.at(-1)! * PAGE_BYTES;
  throw new LowbitError(
    "backend/out-of-memory",
    `The host does not grant ${least / 2 ** 20} MiB of WebAssembly memory.`,
    { backend: "wasm", asked: least },
  );
}

function pagesFor(initialBytes: number): number {
  const most = MAX_PAGES * PAGE_BYTES;
  if (!Number.isInteger(initialBytes) || initialBytes < 0 || initialBytes > most) {
    throw new LowbitError(
      "backend/memory-size",
      `WebAssembly memory was to start with ${initialBytes} bytes; it can have a whole number from 0 to ${most}.`,
      { backend: "wasm", found: initialBytes, most },
    );
  }
  return Math.max(Math.ceil(initialBytes / PAGE_BYTES), INITIAL_PAGES.at(-1)!);
}

/** The linear memory of the kernels, divided by an allocator and grown when it must be. */
export class LinearMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #allocator: MemoryAllocator;
  #bytes: Uint8Array;

  constructor(memory: WebAssembly.Memory, heapBase: number) {
    this.#memory = memory;
    this.#allocator = new MemoryAllocator(heapBase);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  /** All of the memory; made again after it has grown. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The start of `byteLength` free bytes. May grow the memory, which detaches every view made before. */
  reserve(byteLength: number): number {
    const begin = this.#allocator.allocate(byteLength);
    const missing = this.#allocator.end - this.#bytes.byteLength;
    if (missing > 0) {
      try {
        this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (cause) {
        const facts = { backend: "wasm", asked: byteLength, inUse: begin, allowed: MAX_PAGES * PAGE_BYTES };
        this.#allocator.release(begin);
        throw new LowbitError(
          "backend/out-of-memory",
          `WebAssembly memory cannot grow by ${byteLength} bytes: ${begin} of at most 4 GiB are in use.`,
          facts,
          { cause },
        );
      }
      this.#bytes = new Uint8Array(this.#memory.buffer);
    }
    return begin;
  }

  release(begin: number): void {
    this.#allocator.release(begin);
  }

  /** A buffer that kernels use in place. */
  allocate(byteLength: number): BackendBuffer {
    const begin = this.reserve(byteLength);
    return {
      byteLength,
      bytes: () => new Uint8Array(this.#memory.buffer, begin, byteLength),
      floats: () => new Float32Array(this.#memory.buffer, begin, Math.floor(byteLength / 4)),
      release: () => this.release(begin),
    };
  }
}
