import { writeFileSync } from "node:fs";
import type { KernelArgument, KernelCaller } from "@lowbit/core/backend";

/** Calls kept per kernel, spread over all that are made; fewer where calls are large. The file stays around 20 MB. */
const CALLS_PER_KERNEL = 96;
const BYTES_PER_KERNEL = 4_000_000;

const KIND = { null: 0, number: 1, input: 2, output: 3, packed: 4 } as const;

/**
 * A caller that writes down what it passes on: kernel, arguments, result, outputs. The conformance suite run through it
 * becomes a test of the same kernels on a machine without Node (replay.cpp), here arm64 under an emulator.
 *
 * File: per call the name, the number of arguments, each as kind and bytes (outputs as they were before the call), the
 * result as f64, then each output as it was after the call. Lengths are u32, everything little-endian. Panels are laid out
 * as suits an instruction set: an input that matmul_pack made is written as the arguments of that call.
 */
export class RecordingCaller implements KernelCaller {
  readonly #kernels: KernelCaller;
  readonly #calls = new Map<string, { seen: number; kept: Uint8Array[] }>();
  /** The panels that were made last, until their memory is written again. */
  #packed: { readonly panels: ArrayBufferView; readonly call: Uint8Array } | undefined;

  constructor(kernels: KernelCaller) {
    this.#kernels = kernels;
  }

  call(kernel: string, ...args: readonly KernelArgument[]): number {
    const encoded = join([u32(args.length), ...args.map((arg) => this.#encode(arg))]);
    const outputs = args.flatMap((arg) =>
      arg !== null && typeof arg === "object" && "output" in arg ? [arg.output] : [],
    );
    const result = this.#kernels.call(kernel, ...args);
    this.#keep(kernel, join([text(kernel), encoded, f64(result), ...outputs.map(block)]));
    if (kernel === "matmul_pack") this.#packed = { panels: outputs[0]!, call: encoded };
    else if (outputs.some(({ buffer }) => buffer === this.#packed?.panels.buffer)) this.#packed = undefined;
    return result;
  }

  scratch(byteLength: number): Uint8Array {
    return this.#kernels.scratch(byteLength);
  }

  /** Kernels recorded so far. */
  get kernels(): readonly string[] {
    return [...this.#calls.keys()];
  }

  write(path: string): void {
    writeFileSync(path, join([...this.#calls.values()].flatMap(({ kept }) => kept)));
  }

  #encode(arg: KernelArgument): Uint8Array {
    const isView = arg !== null && typeof arg === "object" && !("output" in arg);
    return isView && this.#packed !== undefined && isSameMemory(arg, this.#packed.panels)
      ? join([Uint8Array.of(KIND.packed), this.#packed.call])
      : encodeArgument(arg);
  }

  /** Keeps every call while there are few, then replaces older ones at a falling rate. */
  #keep(kernel: string, record: Uint8Array): void {
    const calls = this.#calls.get(kernel) ?? { seen: 0, kept: [] };
    this.#calls.set(kernel, calls);
    const room = Math.max(1, Math.min(CALLS_PER_KERNEL, Math.floor(BYTES_PER_KERNEL / record.byteLength)));
    const place = calls.kept.length < room ? calls.kept.length : (calls.seen * 7919) % (calls.seen + 1 + room);
    calls.seen++;
    if (place < room) calls.kept[place] = record;
  }
}

function isSameMemory(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.byteLength === b.byteLength;
}

function encodeArgument(arg: KernelArgument): Uint8Array {
  if (arg === null) return Uint8Array.of(KIND.null);
  if (typeof arg === "number") return join([Uint8Array.of(KIND.number), f64(arg)]);
  const isOutput = "output" in arg;
  return join([Uint8Array.of(isOutput ? KIND.output : KIND.input), block(isOutput ? arg.output : arg)]);
}

function block(view: ArrayBufferView): Uint8Array {
  return join([u32(view.byteLength), new Uint8Array(view.buffer, view.byteOffset, view.byteLength)]);
}

function text(value: string): Uint8Array {
  return block(new TextEncoder().encode(value));
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function f64(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
