import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { openCheckpoint, scanCheckpoint } from "@lowbit/core/node";
import { SINGLE_FILE_NAME } from "@lowbit/core/safetensors";
import { backendModule } from "../backend-choice.js";
import { runQuantize } from "../quantize/run-quantize.js";
import { generateCheckpoint } from "./generate-checkpoint.js";
import { median } from "./median.js";
import { openReadCeiling } from "./read-ceiling.js";

export interface QuantizeBenchOptions {
  /** Bytes of the generated bf16 checkpoint. */
  readonly bytes: number;
  readonly threads: number;
  /** How often everything is measured, in turn. */
  readonly rounds: number;
  readonly backend?: BackendName;
  /** Where the checkpoint and the outputs are written, and removed again; the system's folder by default. */
  readonly directory?: string;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: string) => void;
}

export interface BenchFigure {
  readonly name: string;
  /** Median over the rounds. */
  readonly seconds: number;
  /** Bytes of input a second, median. */
  readonly bytesPerSecond: number;
  /** Of the rate of reading with one thread in the same run. */
  readonly shareOfCeiling: number;
  /** Of the rate of reading with as many threads as the methods use. */
  readonly shareOfParallelCeiling: number;
  /** Processor time of the whole process, user and system, median. */
  readonly cpuSeconds: number;
  /**
   * Of the rate of reading with one thread, by processor time shared evenly among the threads: what the share would be
   * if nothing else ran on this machine.
   */
  readonly shareByCpuTime: number;
  /** Every round, in order. */
  readonly allSeconds: readonly number[];
}

export interface QuantizeBench {
  readonly inputBytes: number;
  readonly threads: number;
  readonly backend: string;
  /** Reading the same warm file into one reused buffer, one thread. */
  readonly ceiling: BenchFigure;
  /** The same with `threads` threads. */
  readonly parallelCeiling: BenchFigure;
  /** File to file, start of the workers included. */
  readonly methods: readonly BenchFigure[];
}

const METHODS = [
  { name: "rtn 4 bits, groups of 32", method: "rtn", options: { bits: 4, group: 32 } },
  { name: "ternary", method: "ternary", options: {} },
  { name: "binary", method: "binary", options: {} },
];

/** Throughput of quantizing and scanning a warm file beside the rate of only reading it; interleaved, medians. */
export async function benchQuantize(options: QuantizeBenchOptions): Promise<QuantizeBench> {
  const { threads, rounds, backend, signal, onStep } = options;
  const folder = await makeFolder(options.directory ?? tmpdir());
  const input = join(folder, SINGLE_FILE_NAME);
  const cancel = signal && { signal };
  const readers: { close(): Promise<unknown> }[] = [];
  try {
    onStep?.("generating the checkpoint");
    await generateCheckpoint({ path: folder, bytes: options.bytes });
    const inputBytes = (await stat(input)).size;
    const read = await openReadCeiling(input, 1);
    const parallelRead = await openReadCeiling(input, threads);
    readers.push(read, parallelRead);
    let backendName = "";
    const quantize = (method: string, given: Record<string, unknown>) => async (): Promise<number> => {
      const output = join(folder, "out.safetensors");
      const wish = backend && { backend };
      const report = await runQuantize({ input, output, method, options: given, threads, ...wish, ...cancel });
      backendName = report.backend;
      await rm(output);
      return report.seconds;
    };
    const scan = async (): Promise<number> => {
      const started = performance.now();
      const { tensors, close } = await openCheckpoint(input);
      await scanCheckpoint({ input, tensors, threads, backend: backendModule(backend), ...cancel });
      await close();
      return (performance.now() - started) / 1000;
    };
    const measured = [
      { name: "read, 1 thread", run: () => read.measure() },
      { name: `read, ${threads} threads`, run: () => parallelRead.measure() },
      ...METHODS.map(({ name, method, options }) => ({ name, run: quantize(method, options) })),
      { name: "stats", run: scan },
    ].map((entry) => ({ ...entry, seconds: [] as number[], cpuSeconds: [] as number[] }));
    await read.measure(); // brings the file into the page cache
    for (let round = 0; round < rounds; round++) {
      for (const { name, run, seconds, cpuSeconds } of measured) {
        if (signal?.aborted) throw new LowbitError("pipeline/aborted", "The measurement was cancelled.");
        onStep?.(`round ${round + 1} of ${rounds}: ${name}`);
        const before = process.cpuUsage();
        seconds.push(await run());
        const { user, system } = process.cpuUsage(before);
        cpuSeconds.push((user + system) / 1e6);
      }
    }
    const rate = (index: number): number => inputBytes / median(measured[index]!.seconds);
    const readCpuSeconds = median(measured[0]!.cpuSeconds);
    const [ceiling, parallelCeiling, ...methods] = measured.map(
      ({ name, seconds, cpuSeconds }, index): BenchFigure => ({
        name,
        seconds: median(seconds),
        bytesPerSecond: rate(index),
        shareOfCeiling: rate(index) / rate(0),
        shareOfParallelCeiling: rate(index) / rate(1),
        cpuSeconds: median(cpuSeconds),
        shareByCpuTime: (readCpuSeconds * (index === 0 ? 1 : threads)) / median(cpuSeconds),
        allSeconds: seconds,
      }),
    );
    return {
      inputBytes,
      threads,
      backend: backendName,
      ceiling: ceiling!,
      parallelCeiling: parallelCeiling!,
      methods,
    };
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, "lowbit-bench-"));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new LowbitError(
      "pipeline/write-failed",
      `${parent}: cannot be written (${reason}).`,
      { path: parent, reason },
      { cause },
    );
  }
}
