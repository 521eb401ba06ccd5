import { readFileSync } from "node:fs";
import {
  allocateArrayBuffer,
  COMPILED_OPS,
  createCompiledBackend,
  type KernelArgument,
  type KernelBackend,
  type KernelCaller,
  type OpName,
} from "@lowbit/core/backend";
import { rowMajor } from "@lowbit/core/tensor";
import { allocateTerm, type Term, type TermLayout } from "@lowbit/core/terms";
import { defineBackendConformance } from "@lowbit/kernels-conformance";
import { afterAll, describe, expect, it } from "vitest";
import { chooseInstructionSet } from "./choose-instruction-set.js";
import { loadBinding } from "./load-binding.js";
import { NativeKernelCaller } from "./native-kernel-caller.js";

// Threads take parts of a call by the clock, so a result must not depend on where a part begins (docs/numerics.md,
// rule 9). Every call of the conformance cases is made whole and again in parts, which must give the same bits.

const KERNELS = readFileSync(new URL("../../kernels-src/src/kernels.inc", import.meta.url), "utf8");
const DIVIDED = new Set(Array.from(KERNELS.matchAll(/^KERNEL_SPLIT\((\w+)\)/gm), ([, name]) => name!));

class DividingCaller implements KernelCaller {
  readonly #kernels: KernelCaller;
  #calls = 0;

  constructor(kernels: KernelCaller) {
    this.#kernels = kernels;
  }

  scratch(byteLength: number): Uint8Array {
    return this.#kernels.scratch(byteLength);
  }

  call(kernel: string, ...args: readonly KernelArgument[]): number {
    const [begin, end, ...others] = args as [number, number, ...KernelArgument[]];
    if (!DIVIDED.has(kernel) || end - begin < 2) return this.#kernels.call(kernel, ...args);
    const targets = args.flatMap((argument) => (isOutput(argument) ? [bytesOf(argument.output)] : []));
    const before = targets.map((target) => target.slice());
    const result = this.#kernels.call(kernel, ...args);
    const whole = targets.map((target) => target.slice());
    for (const [i, target] of targets.entries()) target.set(before[i]!);
    for (let at = begin; at < end; ) {
      // Parts of 1, 2, 3, 5, 7, 1, … rows.
      const until = Math.min(end, at + [1, 2, 3, 5, 7, 33][this.#calls++ % 6]!);
      this.#kernels.call(kernel, at, until, ...others);
      at = until;
    }
    for (const [i, target] of targets.entries()) {
      const differs = target.findIndex((byte, at) => byte !== whole[i]![at]);
      if (differs >= 0) throw new Error(`${kernel} in parts writes other bits, at byte ${differs} of output ${i}`);
    }
    return result;
  }
}

function isOutput(argument: KernelArgument): argument is { readonly output: ArrayBufferView } {
  return typeof argument === "object" && argument !== null && "output" in argument;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function createDividingBackend(): KernelBackend {
  const binding = loadBinding();
  const isa = chooseInstructionSet(binding.instructionSets(), process.env["LOWBIT_ISA"]);
  const { kernels, close } = binding.open(isa, 1);
  return createCompiledBackend({
    name: "native",
    isa,
    threads: 1,
    ops: COMPILED_OPS,
    kernels: new DividingCaller(new NativeKernelCaller(kernels)),
    allocate: allocateArrayBuffer,
    close,
  });
}

// All other ops have equal bits on every backend, which the suite with three threads checks.
const FLOAT_OPS: readonly OpName[] = [
  ...["affineMultiply", "signMultiply", "ternaryMultiply", "codebookMultiply", "sparseMultiply", "denseMultiply"],
  ...["matmul", "gramAccumulate", "inverseFactor", "attention", "attentionGradient", "rmsNorm", "layerNorm"],
  ...["rotaryEmbedding", "rmsNormGradient", "layerNormGradient", "activation", "gatedActivation", "activationGradient"],
  ...["gatedActivationGradient", "crossEntropy", "crossEntropyGradient", "divergence", "addColumnSums", "scatterRows"],
] as OpName[];

defineBackendConformance("native, calls in parts", createDividingBackend, FLOAT_OPS);

// Sizes at which kernels take the ways of real models: panels, blocks of tokens, streams of rows.
describe("a call in parts writes the bits of the whole call", () => {
  const backend = createDividingBackend();
  afterAll(() => backend.close());
  const wave = (length: number, step: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * step));
  const sharing = { rows: 203, columns: 1024, groupSize: 128, granularity: "group", scaleDtype: "F16" } as const;

  it.each([1, 2, 5, 13, 40])("in products of terms with %i tokens", (tokens) => {
    const filled = <L extends TermLayout>(layout: L): Term<L> => {
      const term = allocateTerm(layout);
      for (const array of Object.values(term.arrays) as Uint8Array[]) {
        for (let i = 0; i < array.length; i++) array[i] = (i * 37) % 59;
      }
      return term;
    };
    const { rows, columns } = sharing;
    const x = { values: wave(tokens * columns, 0.37), tokens, columns };
    const y = new Float32Array(tokens * rows);
    for (const bits of [1, 2, 3, 4, 8]) {
      backend.affineMultiply(filled({ kind: "affine", bits, zero: "midpoint", ...sharing }), x, y);
    }
    const plainSign = { kind: "sign", zones: 1, hasMean: false, hasColumnScale: false, ...sharing } as const;
    backend.signMultiply(filled(plainSign), x, y);
    backend.signMultiply(filled({ ...plainSign, granularity: "row", groupSize: columns }), x, y);
    backend.ternaryMultiply(filled({ kind: "ternary", packing: "base-3", ...sharing }), x, y);
    backend.ternaryMultiply(filled({ kind: "ternary", packing: "two-bit", ...sharing }), x, y);
    backend.denseMultiply(filled({ kind: "dense", rows, columns, valueDtype: "BF16" }), x, y);
    expect(y.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [1, 700],
    [3, 300],
    [150, 150],
  ])("in attention of %i queries and %i keys", (queryLength, keyLength) => {
    const shape = { sequences: 1, queryLength, keyLength, keyStride: keyLength, headCount: 4, keyValueHeadCount: 2 };
    const whole = { ...shape, headSize: 64, scale: 0.125, window: 0 };
    const q = wave(queryLength * 256, 0.7);
    const [k, v] = [wave(keyLength * 128, 0.3), wave(keyLength * 128, 0.9)];
    const y = new Float32Array(q.length);
    backend.attention(q, k, v, whole, y);
    expect(y.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [700, 5, 300],
    [500, 70, 450],
    [70, 500, 450],
  ])("in matmul, %i × %i over %i", (m, n, inner) => {
    const product = rowMajor(new Float32Array(m * n), m, n);
    backend.matmul(rowMajor(wave(m * inner, 0.37), m, inner), rowMajor(wave(n * inner, 0.73), n, inner), product);
    expect(product.values.every(Number.isFinite)).toBe(true);
  });
});
