import type { KernelArgument, KernelCaller, OutputArray } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { NativeKernel } from "./load-binding.js";

/** Hands arrays to the kernels in place: native code reads any typed array where it lies. */
export class NativeKernelCaller implements KernelCaller {
  readonly #kernels: Readonly<Record<string, NativeKernel>>;
  #scratch: ArrayBuffer = new ArrayBuffer(0);

  constructor(kernels: Readonly<Record<string, NativeKernel>>) {
    this.#kernels = kernels;
  }

  call(kernel: string, ...args: readonly KernelArgument[]): number {
    const values = args as unknown[];
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
        values[i] = (value as OutputArray).output;
      }
    }
    const run = this.#kernels[kernel];
    if (run === undefined) {
      throw new LowbitError("backend/kernel-call", `The native build has no kernel "${kernel}".`, { kernel });
    }
    try {
      return run(...values) ?? 0;
    } catch (cause) {
      throw new LowbitError(
        "backend/kernel-call",
        `The native kernel refused its arguments: ${messageOf(cause)}.`,
        { kernel },
        { cause },
      );
    }
  }

  scratch(byteLength: number): Uint8Array {
    if (this.#scratch.byteLength < byteLength) this.#scratch = new ArrayBuffer(byteLength);
    return new Uint8Array(this.#scratch, 0, byteLength);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
