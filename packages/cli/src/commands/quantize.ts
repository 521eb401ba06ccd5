import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { type Command, Option } from "commander";
import { backendOption, threadsOption } from "../backend-choice.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay, type ProgressState } from "../output/progress.js";
import { forecastJson, modelForecastJson, reportJson } from "../quantize/quantization-json.js";
import { renderForecast, renderModelForecast, renderReport } from "../quantize/render-quantization.js";
import { renderTargetPlan, renderTargetReport } from "../quantize/render-target.js";
import {
  forecastQuantize,
  type QuantizeForecast,
  type QuantizeRequest,
  runQuantize,
} from "../quantize/run-quantize.js";
import type { TargetRequest } from "../quantize/run-target-quantize.js";
import { targetPlanJson, targetReportJson } from "../quantize/target-json.js";
import { type TransformFlags, transformChoice, transformOptions } from "../transform/rotation-option.js";
import {
  type FormatFlags,
  formatOptions,
  formatRequest,
  refuseEncoderWithMethod,
  refuseFormatOptions,
} from "./format-options.js";
import { addMethodOptions, givenMethodOptions } from "./method-options.js";
import { parseAnyOutput, parseOutput } from "./output-argument.js";
import { parseSize } from "./size-option.js";
import { type StatisticsFlags, statisticsOf, statisticsOptions } from "./statistics-options.js";
import {
  refuseMethodOptions,
  refuseOptionsWithoutMethod,
  refuseTargetOptions,
  type TargetFlags,
  targetOptions,
} from "./target-options.js";

interface QuantizeFlags extends StatisticsFlags, TransformFlags, TargetFlags, FormatFlags {
  readonly method?: string;
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
    .argument(
      "<out>",
      "a new directory, or a new .safetensors file; with --format gguf a new .gguf file",
      parseAnyOutput,
    )
    .option("--method <name>", "method of every tensor that no rule names; lowbit methods lists them")
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
    .addOption(new Option("--keep-split", "split the output like the input").conflicts(["maxShardSize", "format"]))
    .option("--resume", "go on with the unfinished output of an earlier run")
    .option("--force", "replace an existing output, once the new one is complete")
    .option(
      "--max-memory <size>",
      "use fewer threads, or keep activations on disk, where their buffers would take more",
      parseSize,
    )
    .addOption(threadsOption())
    .addOption(backendOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit quantize model/ model-q4 --method rtn --bits 4 --group 32\n  lowbit quantize model/ model-q2 --method hqq --bits 2 --override '*down_proj*=hqq:bits=4' --dry-run\n  lowbit quantize model/ model-1b --method binary --group 128 --skip '*layers.0.*'\n  lowbit quantize model/ model-q3 --method gptq --bits 3 --calibrate text.txt\n  lowbit quantize model/ model-q4.gguf --format gguf:Q4_K_M\n  lowbit quantize model/ model-gptq --method gptq --bits 4 --group 128 --calibrate text.txt --format gptq\n\nlowbit methods NAME prints the options of one method.",
    );
  for (const option of [...statisticsOptions(), ...transformOptions(), ...targetOptions(), ...formatOptions()])
    command.addOption(option);
  addMethodOptions(command).action(async (input: string, output: string, flags: QuantizeFlags) => {
    if (flags.format !== undefined) return quantizeToFormat(input, output, flags, flags.format);
    refuseFormatOptions(flags);
    parseOutput(output);
    if (flags.targetBpw !== undefined) return quantizeToTarget(input, output, flags, flags.targetBpw);
    refuseTargetOptions(flags);
    await (flags.dryRun ? dryRun(request(input, output, flags), flags) : run(request(input, output, flags), flags));
  });
}

function request(input: string, output: string, flags: QuantizeFlags): QuantizeRequest {
  if (flags.method === undefined) {
    throw new LowbitError("options/command-line", "Give --method NAME, or --target-bpw BITS.", { missing: "--method" });
  }
  return {
    ...sharedRequest(input, output, flags),
    method: flags.method,
    options: givenMethodOptions(flags as unknown as Record<string, unknown>),
    ...(flags.recipe !== undefined && { recipe: flags.recipe }),
  };
}

/** What both kinds of run have. */
function sharedRequest(
  input: string,
  output: string,
  flags: QuantizeFlags,
): Omit<QuantizeRequest, "method" | "options" | "recipe"> {
  const statistics = statisticsOf(flags);
  const transforms = transformChoice(flags);
  return {
    input,
    output,
    overrides: flags.override,
    skips: flags.skip,
    threads: flags.threads,
    keepSplit: flags.keepSplit ?? false,
    resume: flags.resume ?? false,
    force: flags.force ?? false,
    ...(statistics !== undefined && { statistics }),
    ...(transforms !== undefined && { transforms }),
    ...(flags.backend !== undefined && { backend: flags.backend }),
    ...(flags.maxMemory !== undefined && { maxMemoryBytes: flags.maxMemory }),
    ...(flags.maxShardSize !== undefined && { maxShardBytes: flags.maxShardSize }),
  };
}

/** `--format`: by a method and packed, or without one by the rounding of the layout itself. */
async function quantizeToFormat(input: string, output: string, flags: QuantizeFlags, format: string): Promise<void> {
  const { runConvert, forecastConvert } = await import("../convert/run-convert.js");
  const progress = createProgressDisplay();
  const signal = interruptSignal();
  const onProgress = (state: ProgressState): void => progress.update(state);
  refuseTargetOptions(flags);
  const convert = { ...formatRequest(input, output, format, flags), signal, onProgress };
  try {
    if (flags.method === undefined) {
      refuseOptionsWithoutMethod(optionsOfMethods(flags));
      const { renderConversion, renderConversionForecast } = await import("../convert/render-conversion.js");
      const { conversionJson, conversionForecastJson } = await import("../convert/conversion-json.js");
      if (flags.dryRun) {
        const forecast = await forecastConvert(convert);
        progress.finish();
        if (flags.json) printJson(conversionForecastJson(forecast));
        else console.log(renderConversionForecast(forecast));
        return;
      }
      const report = await runConvert(convert);
      progress.finish();
      if (flags.json) printJson(conversionJson(report));
      else console.log(renderConversion(report));
      return;
    }
    refuseEncoderWithMethod(flags);
    const { forecastQuantizeTo, runQuantizeTo } = await import("../convert/run-quantize-to.js");
    const { renderConversion } = await import("../convert/render-conversion.js");
    const { conversionJson } = await import("../convert/conversion-json.js");
    const quantize = { ...request(input, output, flags), signal, onProgress };
    if (flags.dryRun)
      return printForecast(await forecastQuantizeTo(quantize, { ...convert, allowRequantize: false }), flags);
    const { quantization, conversion } = await runQuantizeTo(quantize, { ...convert, allowRequantize: false });
    progress.finish();
    if (flags.json) printJson({ quantization: reportJson(quantization), conversion: conversionJson(conversion) });
    else console.log(`${renderReport(quantization)}\n\n${renderConversion(conversion)}`);
  } finally {
    progress.finish();
  }
}

/** Given options that are about methods: their own, and those of which tensors get one and what it learns from. */
function optionsOfMethods(flags: QuantizeFlags): Record<string, unknown> {
  const { recipe, calibrate, tokens, statistics, samples, sampleLength, seed, protocol } = flags;
  const { rotate, rotateSeed, smooth, override, skip } = flags;
  const others = {
    ...(override.length > 0 && { override }),
    ...(skip.length > 0 && { skip }),
    ...{ recipe, calibrate, tokens, statistics, samples, sampleLength, seed, protocol, rotate, rotateSeed, smooth },
  };
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  return { ...givenMethodOptions(flags as unknown as Record<string, unknown>), ...Object.fromEntries(given) };
}

/** `--target-bpw`: a method for every layer, chosen so that the loss grows least. */
async function quantizeToTarget(input: string, output: string, flags: QuantizeFlags, bits: number): Promise<void> {
  refuseMethodOptions(givenMethodOptions(flags as unknown as Record<string, unknown>));
  if (flags.smooth !== undefined || flags.rotate?.online !== undefined) {
    throw new LowbitError(
      "options/command-line",
      "--target-bpw measures layers without transforms of their inputs: --rotate with R1 and R2 goes with it, R4, online and --smooth do not.",
      { option: flags.smooth === undefined ? "--rotate" : "--smooth" },
    );
  }
  const { forecastTargetQuantize, runTargetQuantize } = await import("../quantize/run-target-quantize.js");
  const progress = createProgressDisplay();
  const request: TargetRequest = {
    ...sharedRequest(input, output, flags),
    targetBitsPerWeight: bits,
    ...(flags.candidates !== undefined && { candidates: flags.candidates }),
    ...(flags.heldOut !== undefined && { heldOut: flags.heldOut }),
    ...(flags.measured !== undefined && { measuredPath: flags.measured }),
    signal: interruptSignal(),
    onProgress: (state) => progress.update(state),
  };
  try {
    if (flags.dryRun) {
      const plan = await forecastTargetQuantize(request);
      progress.finish();
      if (flags.json) printJson(targetPlanJson(plan));
      else console.log(renderTargetPlan(plan));
      return;
    }
    const report = await runTargetQuantize(request);
    progress.finish();
    if (flags.json) printJson(targetReportJson(report));
    else console.log(renderTargetReport(report));
  } finally {
    progress.finish();
  }
}

async function dryRun(request: QuantizeRequest, { json = false }: QuantizeFlags): Promise<void> {
  printForecast(await forecastQuantize(request), { json });
}

function printForecast(forecast: QuantizeForecast, { json }: Pick<QuantizeFlags, "json">): void {
  if (forecast.kind === "model") {
    if (json) printJson(modelForecastJson(forecast.forecast));
    else console.log(renderModelForecast(forecast.forecast));
  } else if (json) printJson(forecastJson(forecast.forecast));
  else console.log(renderForecast(forecast.forecast));
}

async function run(request: QuantizeRequest, { json }: QuantizeFlags): Promise<void> {
  const progress = createProgressDisplay();
  try {
    const report = await runQuantize({
      ...request,
      signal: interruptSignal(),
      onProgress: (state) => progress.update(state),
    });
    progress.finish();
    if (json) printJson(reportJson(report));
    else console.log(renderReport(report));
  } finally {
    progress.finish();
  }
}
