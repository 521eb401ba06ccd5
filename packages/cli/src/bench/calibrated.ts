import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { CALIBRATED_QUANTIZERS, methodNamed, type QuantizedLayer, resolveOptions } from "@lowbit/core/quantizers";
import { rowMajor } from "@lowbit/core/tensor";
import { calibratedLayer, type GeneratedLayer, generateLayer, TOKEN_BLOCK } from "./generated-layer.js";
import { median } from "./median.js";

export interface CalibratedBenchOptions {
  /** A calibrated method; its options have their defaults unless given. */
  readonly method: string;
  readonly methodOptions?: Readonly<Record<string, unknown>>;
  /** Rows and columns of the layer. */
  readonly size: number;
  /** How often everything is measured, in turn. */
  readonly rounds: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: string) => void;
}

export interface CalibratedFigure {
  readonly name: string;
  /** Medians over the rounds. */
  readonly seconds: number;
  /** Processor time of the whole process, user and system. */
  readonly cpuSeconds: number;
  /** 1e9 operations a second (a multiplication and an addition are two) by `seconds`; absent where they are not counted. */
  readonly gigaflops?: number;
  /** Of the rate of `matmul`, by processor time: what else runs on the machine does not count. */
  readonly shareOfMatmul?: number;
  /** Every round, in order. */
  readonly allSeconds: readonly number[];
}

export interface CalibratedBench {
  readonly backend: string;
  readonly isa: string;
  readonly threads: number;
  readonly method: string;
  readonly size: number;
  readonly tokens: number;
  readonly rounds: number;
  /** matmul, Gram accumulation, factorisation, the whole method. */
  readonly figures: readonly CalibratedFigure[];
}

/** A calibrated method on one generated layer given its statistics, beside what it is made of; interleaved, medians. */
export function measureCalibrated(backend: KernelBackend, options: CalibratedBenchOptions): CalibratedBench {
  const { method, methodOptions = {}, size, rounds, signal, onStep } = options;
  const quantize = layerQuantizer(method, methodOptions);
  onStep?.(`generating a layer of ${size} × ${size}`);
  const layer = generateLayer(size, backend);
  const parts = [...partsOf(backend, layer), { name: method, prepare: () => quantize(backend, layer), operations: 0 }];
  const measured = parts.map((part) => ({ ...part, seconds: [] as number[], cpuSeconds: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { name, prepare, seconds, cpuSeconds } of measured) {
      if (signal?.aborted) throw new LowbitError("pipeline/aborted", "The measurement was cancelled.");
      onStep?.(`round ${round + 1} of ${rounds}: ${name}`);
      const time = measure(prepare());
      seconds.push(time.seconds);
      cpuSeconds.push(time.cpuSeconds);
    }
  }
  const matmulRate = measured[0]!.operations / median(measured[0]!.cpuSeconds);
  const { name, isa, threads } = backend;
  return {
    backend: name,
    isa,
    threads,
    method,
    size,
    tokens: TOKEN_BLOCK,
    rounds,
    figures: measured.map(({ name, operations, seconds, cpuSeconds }) => ({
      name,
      seconds: median(seconds),
      cpuSeconds: median(cpuSeconds),
      ...(operations > 0 && {
        gigaflops: operations / median(seconds) / 1e9,
        shareOfMatmul: operations / median(cpuSeconds) / matmulRate,
      }),
      allSeconds: seconds,
    })),
  };
}

/** Makes a run ready; what it returns is what is measured. */
export type PreparedRun<T> = () => T;

/**
 * A method with its options, for layers made by `generateLayer`.
 * @throws `options/…`
 */
export function layerQuantizer(
  name: string,
  given: Readonly<Record<string, unknown>> = {},
): (backend: KernelBackend, layer: GeneratedLayer) => PreparedRun<QuantizedLayer> {
  const quantizer = methodNamed(name, CALIBRATED_QUANTIZERS);
  const options = resolveOptions(quantizer, given);
  return (backend, generated) => {
    const layer = calibratedLayer(generated);
    return () => quantizer.quantizeLayer(layer, options, backend);
  };
}

export function measure(run: PreparedRun<unknown>): { readonly seconds: number; readonly cpuSeconds: number } {
  const before = process.cpuUsage();
  const started = performance.now();
  run();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

interface Part {
  readonly name: string;
  readonly operations: number;
  readonly prepare: () => PreparedRun<unknown>;
}

function partsOf(backend: KernelBackend, { size, activations, hessian }: GeneratedLayer): Part[] {
  const gram = new Float32Array(hessian.length);
  const product = rowMajor(new Float32Array(TOKEN_BLOCK * size), TOKEN_BLOCK, size);
  const x = rowMajor(activations, TOKEN_BLOCK, size);
  const square = rowMajor(new Float32Array(size * size).fill(0.5), size, size);
  return [
    {
      name: `matmul f32, ${TOKEN_BLOCK} × ${size} × ${size}`,
      operations: 2 * TOKEN_BLOCK * size ** 2,
      prepare: () => () => backend.matmul(x, square, product),
    },
    {
      // Only the lower triangle is computed, and counted.
      name: `Gram matrix of ${TOKEN_BLOCK} tokens`,
      operations: TOKEN_BLOCK * size * (size + 1),
      prepare: () => () => backend.gramAccumulate({ values: activations, rows: TOKEN_BLOCK, columns: size }, gram),
    },
    {
      name: "inverse factor, f64",
      operations: (2 / 3) * size ** 3,
      prepare: () => inverseFactorRun(backend, size, hessian),
    },
  ];
}

/** In the backend's own memory, as methods call it. */
function inverseFactorRun(backend: KernelBackend, size: number, hessian: Float32Array): PreparedRun<void> {
  const memory = backend.allocate(12 * size ** 2);
  const { buffer, byteOffset } = memory.bytes();
  const matrix = new Float64Array(buffer, byteOffset, size ** 2);
  for (let i = 0, at = 0; i < size; i++) for (let j = 0; j <= i; j++, at++) matrix[i * size + j] = hessian[at]!;
  for (let i = 0; i < size; i++) matrix[i * (size + 1)]! *= 1.01;
  return () => {
    backend.inverseFactor(matrix, size, new Float32Array(buffer, byteOffset + 8 * size ** 2, size ** 2));
    memory.release();
  };
}
