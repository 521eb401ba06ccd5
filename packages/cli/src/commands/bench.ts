import type { BackendName, KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { BlockEncoder } from "@lowbit/core/pipeline";
import { type Command, InvalidArgumentError, Option } from "commander";
import { backendOption, describeBackend, kernelThreadsOption, threadsOption } from "../backend-choice.js";
import { measureCalibrated } from "../bench/calibrated.js";
import { type KernelFigures, measureKernels } from "../bench/kernels.js";
import { benchQuantize, type QuantizeBench } from "../bench/quantize.js";
import { measureRoofline, type Roofline } from "../bench/roofline.js";
import { parseTarget } from "../convert/parse-target.js";
import { openBackend } from "../create-backend.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { formatBytes, formatNumber, formatSeconds } from "../output/quantities.js";
import { paintError } from "../output/style.js";
import { renderTable, right } from "../output/table.js";
import { renderCalibrated } from "./bench-calibrated.js";
import { renderFormatBench } from "./bench-format.js";
import { renderLanguageModels } from "./bench-lm.js";
import { declareBenchQuality } from "./bench-quality.js";
import { parseSize } from "./size-option.js";

interface BenchFlags {
  readonly backend?: BackendName;
  readonly threads: number;
  readonly rounds: number;
  readonly size?: number;
  readonly method?: string;
  readonly directory?: string;
  readonly format?: readonly string[];
  readonly encoder?: BlockEncoder;
  readonly llamaQuantize?: string;
  readonly json?: boolean;
}

/** `lowbit bench roofline|kernels|lm|quantize|quality`: every figure beside the limit measured in the same run. */
export function declareBench(program: Command): void {
  const bench = program
    .command("bench")
    .description("measure this machine's limits and how near the kernels and the pipeline come to them")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit bench roofline\n  lowbit bench kernels --backend wasm\n  lowbit bench lm --threads 1\n  lowbit bench quantize --size 2GB --threads 2\n  lowbit bench quantize --method gptq --size 4096\n  lowbit bench quantize --format gguf:Q8_0 --format gguf:Q4_K --llama-quantize ./llama-quantize",
    );
  declareFigures(bench.command("roofline").description("read memory as fast as the kernels can"), 7).action(
    (flags: BenchFlags) =>
      withBackend(flags, (backend) => {
        const figures = measureRoofline(backend, flags.rounds);
        return { figures, text: renderRoofline(figures) };
      }),
  );
  declareFigures(
    bench.command("kernels").description("y += term · x beside reading memory, interleaved, medians; and matmul"),
    5,
  ).action((flags: BenchFlags) =>
    withBackend(flags, (backend) => {
      const figures = measureKernels(backend, { rounds: flags.rounds });
      return { figures, text: renderKernels(figures) };
    }),
  );
  declareFigures(
    bench
      .command("lm")
      .description("prefill beside matmul and decode beside reading memory, with generated language models"),
    5,
  ).action(async (flags: BenchFlags) => {
    const { measureLanguageModels } = await import("../bench/lm.js");
    await withBackend(flags, (backend) => {
      const figures = measureLanguageModels(backend, { rounds: flags.rounds, onStep });
      return { figures, text: renderLanguageModels(figures, describeBackend(figures)) };
    });
  });
  declareFigures(
    bench
      .command("quantize")
      .description(
        "quantize and scan a generated bf16 checkpoint beside only reading it; or one layer by a calibrated method; interleaved, medians",
      ),
    5,
    threadsOption(),
  )
    .option("--method <name>", "a calibrated method: one square layer with generated statistics")
    .option(
      "--size <size>",
      "bytes of the checkpoint (default: 2GB); with --method: rows and columns of the layer (default: 4096)",
      parseSize,
    )
    .addOption(
      new Option(
        "--directory <path>",
        "where the checkpoint is written, and removed again (default: the system's temporary folder)",
      ).conflicts("method"),
    )
    .addOption(
      new Option("--format <layout>", "a generated F16 model to blocks of GGUF, gguf:TYPE; repeatable")
        .argParser((value: string, list: readonly string[] | undefined) => [...(list ?? []), value])
        .conflicts("method"),
    )
    .addOption(new Option("--encoder <name>", "with --format (default: ggml)").choices(["ggml", "lowbit"]))
    .option("--llama-quantize <program>", "with --format: llama.cpp's program, measured in the same rounds")
    .action((flags: BenchFlags) => {
      if (flags.format !== undefined) return benchGguf(flags, flags.format);
      return flags.method === undefined ? benchFiles(flags) : benchLayer(flags, flags.method);
    });
  declareBenchQuality(bench);
}

const onStep = (step: string): void => {
  process.stderr.write(`${paintError("dim", step)}\n`);
};

async function benchFiles(flags: BenchFlags): Promise<void> {
  const figures = await benchQuantize({
    bytes: flags.size ?? 2e9,
    threads: flags.threads,
    rounds: flags.rounds,
    ...(flags.backend !== undefined && { backend: flags.backend }),
    ...(flags.directory !== undefined && { directory: flags.directory }),
    signal: interruptSignal(),
    onStep,
  });
  if (flags.json) printJson(figures);
  else console.log(renderQuantizeBench(figures));
}

async function benchGguf(flags: BenchFlags, formats: readonly string[]): Promise<void> {
  const { benchFormats } = await import("../bench/quantize-format.js");
  for (const format of formats) {
    const target = parseTarget(format);
    if (target.kind === "gguf" && target.recipe !== undefined) continue;
    throw new LowbitError("options/command-line", `--format ${format}: gguf:TYPE is measured.`, { found: format });
  }
  const figures = await benchFormats({
    formats,
    bytes: flags.size ?? 2.2e9,
    threads: flags.threads,
    rounds: flags.rounds,
    encoder: flags.encoder ?? "ggml",
    ...(flags.llamaQuantize !== undefined && { llamaQuantize: flags.llamaQuantize }),
    ...(flags.backend !== undefined && { backend: flags.backend }),
    ...(flags.directory !== undefined && { directory: flags.directory }),
    signal: interruptSignal(),
    onStep,
  });
  if (flags.json) printJson(figures);
  else console.log(renderFormatBench(figures));
}

function benchLayer(flags: BenchFlags, method: string): Promise<void> {
  const options = { method, size: flags.size ?? 4096, rounds: flags.rounds, signal: interruptSignal(), onStep };
  return withBackend(flags, (backend) => {
    const figures = measureCalibrated(backend, options);
    return { figures, text: renderCalibrated(figures) };
  });
}

function declareFigures(command: Command, rounds: number, threads = kernelThreadsOption()): Command {
  return command
    .option("--rounds <count>", "how often everything is measured, in turn", parseRounds, rounds)
    .addOption(threads)
    .addOption(backendOption())
    .option("--json", "print JSON");
}

async function withBackend(
  flags: BenchFlags,
  measure: (backend: KernelBackend) => { figures: unknown; text: string },
): Promise<void> {
  const { backend } = await openBackend(flags.backend, flags.threads);
  try {
    const { figures, text } = measure(backend);
    if (flags.json) printJson(figures);
    else console.log(text);
  } finally {
    backend.close();
  }
}

function parseRounds(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError("It is an integer from 1 to 1000.");
}

function renderRoofline(figures: Roofline): string {
  return `Reading ${formatBytes(figures.bytes)} of memory, ${describeBackend(figures)}: ${formatNumber(figures.median, 1)} GB/s median, ${formatNumber(figures.best, 1)} GB/s best of ${figures.rounds}.`;
}

function renderKernels(figures: KernelFigures): string {
  const rows = figures.products.map(({ name, gigabytes, gigaweights, shareOfRead }) => [
    name,
    formatNumber(gigabytes, 2),
    formatNumber(gigaweights, 2),
    `${formatNumber(shareOfRead * 100, 0)} %`,
  ]);
  return [
    `y += term · x, one token, weights from memory; ${describeBackend(figures)}; medians of ${figures.rounds} rounds.`,
    renderTable(
      [{ title: "product" }, right("GB/s"), right("Gweights/s"), right("of reading")],
      [["reading memory", formatNumber(figures.read, 2), "", "100 %"], ...rows],
    ),
    `matmul 1024³ f32: ${formatNumber(figures.matmul, 1)} GFLOP/s.`,
  ].join("\n\n");
}

function renderQuantizeBench({
  inputBytes,
  threads,
  backend,
  ceiling,
  parallelCeiling,
  methods,
}: QuantizeBench): string {
  const rows = [ceiling, parallelCeiling, ...methods].map((figure) => [
    figure.name,
    formatSeconds(figure.seconds),
    `${formatBytes(figure.bytesPerSecond)}/s`,
    `${formatNumber(figure.shareOfCeiling * 100, 1)} %`,
    `${formatNumber(figure.shareOfParallelCeiling * 100, 1)} %`,
    formatSeconds(figure.cpuSeconds),
    `${formatNumber(figure.shareByCpuTime * 100, 1)} %`,
  ]);
  return [
    `File to file, ${formatBytes(inputBytes)} of warm bf16, ${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}; medians of ${ceiling.allSeconds.length} rounds.`,
    renderTable(
      [
        { title: "" },
        right("time"),
        right("input"),
        right("of reading, 1 thread"),
        right(`of reading, ${threads} threads`),
        right("CPU time"),
        right("of reading, by CPU time"),
      ],
      rows,
    ),
  ].join("\n\n");
}
