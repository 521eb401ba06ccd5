import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { isGgufCheckpoint } from "@lowbit/core/gguf";
import { openCheckpoint } from "@lowbit/core/node";
import type { BlockEncoder } from "@lowbit/core/pipeline";
import type { Checkpoint } from "@lowbit/core/safetensors";
import { generateGguf } from "./generate-gguf.js";
import { median } from "./median.js";
import { runChild } from "./quality/run-child.js";

export interface FormatBenchOptions {
  /** "gguf:Q8_0", … */
  readonly formats: readonly string[];
  /** Bytes of the generated F16 model. */
  readonly bytes: number;
  readonly threads: number;
  readonly rounds: number;
  readonly encoder: BlockEncoder;
  /** llama.cpp's program; absent: only ours is measured. */
  readonly llamaQuantize?: string;
  readonly backend?: BackendName;
  readonly directory?: string;
  readonly signal: AbortSignal;
  readonly onStep?: (step: string) => void;
}

export interface FormatFigure {
  readonly format: string;
  /** From the start of the process to its end; median. */
  readonly seconds: number;
  /** From the opened input to the output in its place, start of the workers included; median. */
  readonly workSeconds: number;
  /** Bytes of input a second of the whole process. */
  readonly bytesPerSecond: number;
  /** Of the process; the largest of all rounds. */
  readonly peakMemoryBytes: number;
  readonly outputBytes: number;
  readonly allSeconds: readonly number[];
  readonly llama?: {
    /** From the start of the process to its end; median. */
    readonly seconds: number;
    readonly allSeconds: readonly number[];
    /** Median of the rounds' ratios: its time over ours. */
    readonly ratio: number;
    /** The same of `workSeconds`. */
    readonly workRatio: number;
    /** Tensors with the same type and bytes, of all tensors. */
    readonly sameTensors: number;
    readonly tensors: number;
  };
}

export interface FormatBench {
  readonly inputBytes: number;
  readonly threads: number;
  readonly encoder: BlockEncoder;
  readonly formats: readonly FormatFigure[];
}

/**
 * A generated F16 model to blocks of GGUF, file to file, each run a process of its own; interleaved with llama-quantize on the
 * same file and threads where that is given. Every type is `--pure`: one type for all matrices. Errors are not measured.
 */
export async function benchFormats(options: FormatBenchOptions): Promise<FormatBench> {
  const { threads, rounds, encoder, llamaQuantize, signal, onStep } = options;
  const folder = await mkdtemp(join(options.directory ?? tmpdir(), "lowbit-bench-"));
  const input = join(folder, "input.gguf");
  try {
    onStep?.("generating the model");
    await generateGguf({ path: input, bytes: options.bytes });
    const inputBytes = (await stat(input)).size;
    const measured = options.formats.map((format) => ({
      format,
      seconds: [] as number[],
      workSeconds: [] as number[],
      llamaSeconds: [] as number[],
      peakMemoryBytes: 0,
      outputBytes: 0,
      same: { sameTensors: 0, tensors: 0 },
    }));
    for (let round = 0; round < rounds; round++) {
      for (const entry of measured) {
        onStep?.(`round ${round + 1} of ${rounds}: ${entry.format}`);
        const [ours, theirs] = [join(folder, "ours.gguf"), join(folder, "theirs.gguf")];
        const flags = ["--to", entry.format, "--pure", "--allow-requantize", "--encoder", encoder, "--no-errors"];
        const backend = options.backend === undefined ? [] : ["--backend", options.backend];
        const started = performance.now();
        const answer = await runChild(
          ["convert", input, ours, ...flags, "--threads", String(threads), ...backend],
          signal,
        );
        entry.seconds.push((performance.now() - started) / 1000);
        if (answer.status === "failed") throw childFailed(answer.message);
        entry.workSeconds.push((answer.json as { seconds: number }).seconds);
        entry.peakMemoryBytes = Math.max(entry.peakMemoryBytes, answer.peakMemoryBytes);
        entry.outputBytes = (await stat(ours)).size;
        if (llamaQuantize !== undefined) {
          const type = entry.format.slice(entry.format.indexOf(":") + 1);
          entry.llamaSeconds.push(await timed(llamaQuantize, ["--pure", input, theirs, type, String(threads)], signal));
          if (round === 0) entry.same = await compareFiles(ours, theirs);
          await rm(theirs);
        }
        await rm(ours);
      }
    }
    return {
      inputBytes,
      threads,
      encoder,
      formats: measured.map(({ format, seconds, workSeconds, llamaSeconds, peakMemoryBytes, outputBytes, same }) => ({
        format,
        seconds: median(seconds),
        workSeconds: median(workSeconds),
        bytesPerSecond: inputBytes / median(seconds),
        peakMemoryBytes,
        outputBytes,
        allSeconds: seconds,
        ...(llamaSeconds.length > 0 && {
          llama: {
            seconds: median(llamaSeconds),
            allSeconds: llamaSeconds,
            ratio: median(llamaSeconds.map((theirs, round) => theirs / seconds[round]!)),
            workRatio: median(llamaSeconds.map((theirs, round) => theirs / workSeconds[round]!)),
            ...same,
          },
        }),
      })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds of a program, from its start to its end. @throws `pipeline/aborted`, `pipeline/worker-failed` */
async function timed(program: string, args: readonly string[], signal: AbortSignal): Promise<number> {
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { stdio: "ignore", signal });
    child.on("error", (error) => reject(signal.aborted ? aborted() : childFailed(`${program}: ${error.message}`)));
    child.on("close", (code) => (code === 0 ? resolve() : reject(childFailed(`${program} ended with ${code}`))));
  });
  return (performance.now() - started) / 1000;
}

function aborted(): LowbitError {
  return new LowbitError("pipeline/aborted", "The measurement was cancelled.");
}

function childFailed(reason: string): LowbitError {
  return new LowbitError("pipeline/worker-failed", `A measured process failed: ${reason}.`, { reason });
}

async function compareFiles(ours: string, theirs: string): Promise<{ sameTensors: number; tensors: number }> {
  const [left, right] = await Promise.all([openCheckpoint(ours), openCheckpoint(theirs)]);
  try {
    let sameTensors = 0;
    for (const { name } of right.tensors) if (await hasSameTensor(left, right, name)) sameTensors++;
    return { sameTensors, tensors: right.tensors.length };
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

const PIECE_BYTES = 2 ** 22;

async function hasSameTensor(left: Checkpoint, right: Checkpoint, name: string): Promise<boolean> {
  if (!isGgufCheckpoint(left) || !isGgufCheckpoint(right)) return false;
  const [one, other] = [left.tensor(name), right.tensor(name)];
  if (one === undefined || other === undefined) return false;
  if (left.ggufTensor(name)!.type !== right.ggufTensor(name)!.type || one.byteLength !== other.byteLength) return false;
  for (let offset = 0; offset < one.byteLength; offset += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, one.byteLength - offset);
    const [a, b] = [Buffer.alloc(length), Buffer.alloc(length)];
    await Promise.all([left.read(one, offset, a), right.read(other, offset, b)]);
    if (!a.equals(b)) return false;
  }
  return true;
}
