import type { KernelArgument, KernelCaller } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { LinearMemory } from "./linear-memory.js";

export type WasmKernel = (...args: number[]) => number | undefined;

const ALIGNMENT = 64;

/**
 * Calls kernels with offsets. Arrays that lie in the linear memory are used in place; others are copied in before the
 * call, and outputs copied back after it.
 */
export class WasmKernelCaller implements KernelCaller {
  readonly #memory: LinearMemory;
  readonly #kernels: ReadonlyMap<string, WasmKernel>;
  /** Room for copies, kept between calls. */
  readonly #copies = { begin: 0, byteLength: 0 };
  readonly #scratch = { begin: 0, byteLength: 0 };

  constructor(memory: LinearMemory, kernels: ReadonlyMap<string, WasmKernel>) {
    this.#memory = memory;
    this.#kernels = kernels;
  }

  call(kernel: string, ...args: readonly KernelArgument[]): number {
    const run = this.#kernels.get(kernel);
    if (run === undefined) {
      throw new LowbitError("backend/kernel-call", `The WASM module has no kernel "${kernel}".`, { kernel });
    }
    if (run.length !== args.length) {
      throw new LowbitError(
        "backend/kernel-call",
        `The WASM kernel "${kernel}" takes ${run.length} arguments, got ${args.length}.`,
        { kernel, expected: run.length, found: args.length },
      );
    }
    let copyBytes = 0;
    const values = args.map((arg) => {
      if (typeof arg === "number") return arg;
      if (arg === null) return 0;
      const view = "output" in arg ? arg.output : arg;
      if (view.buffer === this.#memory.bytes.buffer) return view.byteOffset;
      refuseDetached(view, kernel);
      const offset = copyBytes;
      copyBytes += Math.ceil(view.byteLength / ALIGNMENT) * ALIGNMENT;
      return offset;
    });
    if (copyBytes === 0) return run(...values) ?? 0;

    // Outputs too: kernels may read what they add to.
    const before = this.#memory.bytes.buffer;
    const copies = this.#reserve("copies", copyBytes);
    const copiedBack: { readonly view: ArrayBufferView; readonly begin: number }[] = [];
    args.forEach((arg, i) => {
      if (typeof arg === "number" || arg === null) return;
      const isOutput = "output" in arg;
      const view = isOutput ? arg.output : arg;
      if (view.buffer === before) return; // growing moved it, but not its offset
      const begin = copies + values[i]!;
      values[i] = begin;
      this.#memory.bytes.set(bytesOf(view), begin);
      if (isOutput) copiedBack.push({ view, begin });
    });
    const result = run(...values) ?? 0;
    for (const { view, begin } of copiedBack) {
      bytesOf(view).set(this.#memory.bytes.subarray(begin, begin + view.byteLength));
    }
    return result;
  }

  scratch(byteLength: number): Uint8Array {
    const begin = this.#reserve("scratch", byteLength);
    return new Uint8Array(this.#memory.bytes.buffer, begin, byteLength);
  }

  #reserve(purpose: "copies" | "scratch", byteLength: number): number {
    const held = purpose === "copies" ? this.#copies : this.#scratch;
    if (held.byteLength >= byteLength) return held.begin;
    if (held.byteLength > 0) this.#memory.release(held.begin);
    held.byteLength = 0; // nothing is held if the next line throws
    held.begin = this.#memory.reserve(byteLength);
    held.byteLength = byteLength;
    return held.begin;
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** A view of the linear memory from before it grew has lost its bytes: better refused than read as empty. */
function refuseDetached(view: ArrayBufferView, kernel: string): void {
  if ((view.buffer as { detached?: boolean }).detached === true) {
    throw new LowbitError(
      "backend/stale-view",
      `The WASM kernel "${kernel}" was given an array whose memory has moved since it was made.`,
      { kernel },
    );
  }
}
