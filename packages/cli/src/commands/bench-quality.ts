import type { BackendName } from "@lowbit/core/backend";
import { type Command, InvalidArgumentError } from "commander";
import { backendOption, kernelThreadsOption } from "../backend-choice.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { paintError } from "../output/style.js";
import { wholeNumber } from "./number-option.js";

interface QualityFlags {
  readonly models: readonly string[];
  readonly text: string;
  readonly calibrate?: string;
  readonly methods?: string;
  readonly samples: number;
  readonly sampleLength: number;
  readonly seed: number;
  readonly context: number;
  readonly windows: number;
  readonly out: string;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly json?: boolean;
}

/** `lowbit bench quality`: every method at its settings on the same models and text, as a page with pictures. */
export function declareBenchQuality(bench: Command): void {
  bench
    .command("quality")
    .description("what every method costs in perplexity at its bits: a page with tables, pictures and checks of orders")
    .requiredOption("--models <dirs>", "model directories, separated by commas", parseModels)
    .requiredOption("--text <file>", "text to evaluate on; without --calibrate statistics are of its first 60 %")
    .option("--calibrate <file>", "text to collect statistics on; must be another one")
    .option(
      "--methods <file>",
      'JSON list of {"name", "method", "options"} and {"name", "targetBitsPerWeight"} (default: all)',
    )
    .option("--samples <count>", "samples to collect statistics on", wholeNumber(1, 2 ** 20), 128)
    .option("--sample-length <count>", "tokens of a sample", wholeNumber(2, 2 ** 20), 256)
    .option("--seed <number>", "of the choice of samples", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--context <tokens>", "tokens of a window that is evaluated", wholeNumber(2), 256)
    .option("--windows <count>", "windows that are evaluated, at most", wholeNumber(1), 64)
    .requiredOption("--out <file>", "page to write, ending in .md; results are kept beside it as .json", parsePage)
    .addOption(kernelThreadsOption())
    .addOption(backendOption())
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      "\nRows that are in the results beside the page already, made in the same way, are not measured again.\n\nExample:\n  lowbit bench quality --models examples/tiny-llama --text held-out.txt --calibrate other.txt --out docs/quality.md",
    )
    .action(benchQuality);
}

async function benchQuality(flags: QualityFlags): Promise<void> {
  const { DEFAULT_SETTINGS } = await import("../bench/quality/default-settings.js");
  const { readSettings } = await import("../bench/quality/read-settings.js");
  const { runQuality } = await import("../bench/quality/run-quality.js");
  const { models, text, calibrate, methods, samples, sampleLength, seed, context, windows, out, threads, backend } =
    flags;
  const results = await runQuality({
    models,
    text,
    ...(calibrate !== undefined && { calibrationText: calibrate }),
    settings: methods === undefined ? DEFAULT_SETTINGS : await readSettings(methods),
    samples,
    sampleLength,
    seed,
    context,
    windows,
    output: out,
    command: commandLine(flags),
    threads,
    ...(backend !== undefined && { backend }),
    signal: interruptSignal(),
    onStep: (step) => process.stderr.write(`${paintError("dim", step)}\n`),
  });
  if (flags.json) printJson(results);
  else console.log(`Wrote ${out}: ${results.map(({ model, rows }) => `${model}, ${rows.length} rows`).join("; ")}.`);
}

/** As it can be typed again; how many threads and which backend is the reader's business. */
function commandLine({
  models,
  text,
  calibrate,
  methods,
  samples,
  sampleLength,
  seed,
  context,
  windows,
  out,
}: QualityFlags): string {
  const texts = calibrate === undefined ? `--text ${text}` : `--text ${text} --calibrate ${calibrate}`;
  const list = methods === undefined ? "" : ` --methods ${methods}`;
  return `lowbit bench quality --models ${models.join(",")} ${texts}${list} --samples ${samples} --sample-length ${sampleLength} --seed ${seed} --context ${context} --windows ${windows} --out ${out}`;
}

function parseModels(text: string): readonly string[] {
  const models = text.split(",").filter((model) => model !== "");
  if (models.length > 0) return models;
  throw new InvalidArgumentError("It is at least one path.");
}

function parsePage(text: string): string {
  if (text.endsWith(".md")) return text;
  throw new InvalidArgumentError("Its name ends in .md.");
}
