import type { KernelArgument, KernelCaller } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { LinearMemory } from "./linear-memory.js";

export type WasmKernel = (...args: number[]) => number | undefined;

const ALIGNMENT = 64;

/** An array from elsewhere and its place among the copies. */
interface Foreign {
  readonly view: ArrayBufferView;
  /** Number of the argument. */
  readonly position: number;
  readonly offset: number;
  readonly isOutput: boolean;
}

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
    const values = args as unknown as number[];
    const own = this.#memory.bytes.buffer;
    let foreign: Foreign[] | undefined;
    let copyBytes = 0;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i]!;
      if (typeof arg === "number") continue;
      const isOutput = arg !== null && !ArrayBuffer.isView(arg);
      const view = isOutput ? arg.output : arg;
      if (view === null) values[i] = 0;
      else if (view.buffer === own) values[i] = view.byteOffset;
      else {
        refuseDetached(view, kernel);
        foreign ??= [];
        foreign.push({ view, position: i, offset: copyBytes, isOutput });
        copyBytes += Math.ceil(view.byteLength / ALIGNMENT) * ALIGNMENT;
      }
    }
    return foreign === undefined ? (run(...values) ?? 0) : this.#callWithCopies(run, values, foreign, copyBytes);
  }

  /** Outputs are copied in as well: kernels may add to what is there. */
  #callWithCopies(run: WasmKernel, values: number[], foreign: readonly Foreign[], copyBytes: number): number {
    const begin = this.#reserve("copies", copyBytes); // may grow the memory, which moves no offset
    const bytes = this.#memory.bytes;
    for (const { view, position, offset } of foreign) {
      values[position] = begin + offset;
      bytes.set(bytesOf(view), begin + offset);
    }
    const result = run(...values) ?? 0;
    for (const { view, offset, isOutput } of foreign) {
      if (isOutput) bytesOf(view).set(bytes.subarray(begin + offset, begin + offset + view.byteLength));
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
  if (view instanceof Uint8Array) return view;
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
