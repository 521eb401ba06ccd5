import type { BackendName } from "@lowbit/core/backend";
import { type Command, Option } from "commander";
import { backendOption, threadsOption } from "../backend-choice.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { forecastJson, reportJson } from "../quantize/quantization-json.js";
import { renderForecast, renderReport } from "../quantize/render-quantization.js";
import { forecastQuantize, type QuantizeRequest, runQuantize } from "../quantize/run-quantize.js";
import { addMethodOptions, givenMethodOptions } from "./method-options.js";
import { parseOutput } from "./output-argument.js";
import { parseSize } from "./size-option.js";

interface QuantizeFlags {
  readonly method: string;
  readonly recipe?: string;
  readonly override: string[];
  readonly skip: string[];
  readonly dryRun?: boolean;
  readonly maxShardSize?: number;
  readonly keepSplit?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly maxMemory?: number;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly json?: boolean;
}

const collect = (value: string, list: string[]): string[] => [...list, value];

/** `lowbit quantize IN OUT --method M`: plan, then quantize in bounded memory. */
export function declareQuantize(program: Command): void {
  const command = program
    .command("quantize")
    .description("quantize a checkpoint to 1-8 bits; embeddings, norms, routers and the output layer stay by default")
    .argument("<in>", "a .safetensors file, a shard index, or a model directory")
    .argument("<out>", "a new directory, or a new .safetensors file", parseOutput)
    .requiredOption("--method <name>", "method of every tensor that no rule names; lowbit methods lists them")
    .option("--recipe <file>", 'JSON list of {"match": GLOB, "method": NAME, "options": {…}}; the last match wins')
    .option(
      "--override <rule>",
      "exception 'GLOB=METHOD:option=value,…' or 'GLOB=keep'; repeatable, wins over the recipe",
      collect,
      [],
    )
    .option("--skip <glob>", "tensors that stay as they are; repeatable, wins over everything", collect, [])
    .option("--dry-run", "print the plan with all sizes, write nothing")
    .option("--max-shard-size <size>", "split the output into files of at most this size (default: 5GB)", parseSize)
    .addOption(new Option("--keep-split", "split the output like the input").conflicts("maxShardSize"))
    .option("--resume", "go on with the unfinished output of an earlier run")
    .option("--force", "replace an existing output, once the new one is complete")
    .option("--max-memory <size>", "use fewer threads where their buffers would take more", parseSize)
    .addOption(threadsOption())
    .addOption(backendOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit quantize model/ model-q4 --method rtn --bits 4 --group 32\n  lowbit quantize model/ model-q2 --method hqq --bits 2 --override '*down_proj*=hqq:bits=4' --dry-run\n  lowbit quantize model/ model-1b --method binary --group 128 --skip '*layers.0.*'\n\nlowbit methods NAME prints the options of one method.",
    );
  addMethodOptions(command).action(async (input: string, output: string, flags: QuantizeFlags) => {
    await (flags.dryRun ? dryRun(request(input, output, flags), flags) : run(request(input, output, flags), flags));
  });
}

function request(input: string, output: string, flags: QuantizeFlags): QuantizeRequest {
  return {
    input,
    output,
    method: flags.method,
    options: givenMethodOptions(flags as unknown as Record<string, unknown>),
    overrides: flags.override,
    skips: flags.skip,
    threads: flags.threads,
    keepSplit: flags.keepSplit ?? false,
    resume: flags.resume ?? false,
    force: flags.force ?? false,
    ...(flags.recipe !== undefined && { recipe: flags.recipe }),
    ...(flags.backend !== undefined && { backend: flags.backend }),
    ...(flags.maxMemory !== undefined && { maxMemoryBytes: flags.maxMemory }),
    ...(flags.maxShardSize !== undefined && { maxShardBytes: flags.maxShardSize }),
  };
}

async function dryRun(request: QuantizeRequest, { json }: QuantizeFlags): Promise<void> {
  const forecast = await forecastQuantize(request);
  if (json) printJson(forecastJson(forecast));
  else console.log(renderForecast(forecast));
}

async function run(request: QuantizeRequest, { json }: QuantizeFlags): Promise<void> {
  const progress = createProgressDisplay();
  try {
    const report = await runQuantize({
      ...request,
      signal: interruptSignal(),
      onProgress: ({ tensor, doneBytes, totalBytes }) =>
        progress.update({ label: tensor, done: doneBytes, total: totalBytes }),
    });
    progress.finish();
    if (json) printJson(reportJson(report));
    else console.log(renderReport(report));
  } finally {
    progress.finish();
  }
}
