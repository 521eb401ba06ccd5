import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { STATISTIC_KINDS, type StatisticKind } from "@lowbit/core/quantizers";
import type { ActivationBits } from "@lowbit/lm";
import { type Command, InvalidArgumentError, Option } from "commander";
import { backendOption, kernelThreadsOption } from "../backend-choice.js";
import { answerJson, forecastJson } from "../calibrate/calibration-json.js";
import type { SampleOrigin } from "../calibrate/calibration-samples.js";
import { renderAnswer, renderForecast } from "../calibrate/render-calibration.js";
import type { CalibrateRequest } from "../calibrate/run-calibrate.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { wholeNumber } from "./number-option.js";
import { parseOutput } from "./output-argument.js";
import { parseSize } from "./size-option.js";

interface CalibrateFlags {
  readonly text?: string;
  readonly tokens?: string;
  readonly selfGenerate?: boolean;
  readonly out: string;
  readonly samples: number;
  readonly sampleLength?: number;
  readonly seed: number;
  readonly collect: readonly StatisticKind[];
  readonly dtype: "f32" | "f64";
  readonly activationBits?: "8" | "4";
  readonly maxMemory?: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly json?: boolean;
}

/** `lowbit calibrate MODEL --text FILE --out stats.safetensors`: what calibrated methods need, once for all of them. */
export function declareCalibrate(program: Command): void {
  program
    .command("calibrate")
    .description("collect statistics of layer inputs and weight gradients on a text, for calibrated methods")
    .argument(
      "<model>",
      "a model directory, a .gguf file, or a .safetensors file beside its config.json and tokenizer.json",
    )
    .addOption(
      new Option("--text <file>", "text to take the samples from; - is standard input").conflicts([
        "selfGenerate",
        "tokens",
      ]),
    )
    .addOption(
      new Option("--tokens <file>", "JSON list of token ids to take them from, instead").conflicts("selfGenerate"),
    )
    .option("--self-generate", "samples that the model writes itself, instead")
    .requiredOption("--out <file>", "a new .safetensors file", parseOutputFile)
    .option("--samples <count>", "how many samples", wholeNumber(1, 2 ** 20), 128)
    .option(
      "--sample-length <count>",
      "tokens of a sample (default: 512, or the model's context where that is shorter)",
      wholeNumber(2, 2 ** 20),
    )
    .option("--seed <number>", "of the choice of samples", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--collect <kinds>", `some of ${STATISTIC_KINDS.join(", ")}`, parseKinds, ["hessian"])
    .addOption(
      new Option("--dtype <dtype>", "of the statistics; f64 also sums Hessians in f64")
        .choices(["f32", "f64"])
        .default("f32"),
    )
    .addOption(
      new Option(
        "--activation-bits <bits>",
        "round what goes into linear layers to so many bits per token (default: as the model was trained)",
      ).choices(["8", "4"]),
    )
    .option(
      "--max-memory <size>",
      "what does not fit goes to disk where it can (default: half of what is free)",
      parseSize,
    )
    .option("--dry-run", "print the plan with all sizes, write nothing")
    .option("--force", "replace an existing file, once the new one is complete")
    .addOption(backendOption())
    .addOption(kernelThreadsOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit calibrate model --text train.txt --out stats.safetensors\n  lowbit calibrate model --text train.txt --out stats.safetensors --collect hessian,mean-abs,gradient-abs --dry-run\n  lowbit calibrate model --self-generate --out stats.safetensors --samples 64 --seed 1",
    )
    .action(calibrate);
}

async function calibrate(model: string, flags: CalibrateFlags): Promise<void> {
  const request = requestOf(model, flags);
  const { forecastCalibrate, runCalibrate } = await import("../calibrate/run-calibrate.js");
  if (flags.dryRun) {
    const forecast = await forecastCalibrate(request);
    if (flags.json) printJson(forecastJson(forecast, request));
    else console.log(renderForecast(forecast, request));
    return;
  }
  const progress = createProgressDisplay();
  try {
    const answer = await runCalibrate({
      ...request,
      signal: interruptSignal(),
      onProgress: ({ phase, label, done, total }) =>
        progress.update({ label: `${phase}: ${label}`, done, total, unit: "samples" }),
    });
    progress.finish();
    if (flags.json) printJson(answerJson(answer, request));
    else console.log(renderAnswer(answer, request));
  } finally {
    progress.finish();
  }
}

function requestOf(model: string, flags: CalibrateFlags): CalibrateRequest {
  const { out, samples, sampleLength, seed, collect, dtype, activationBits, maxMemory, backend, threads } = flags;
  return {
    model,
    output: out,
    origin: originOf(flags),
    samples,
    seed,
    kinds: collect,
    dtype: dtype === "f64" ? "F64" : "F32",
    force: flags.force ?? false,
    threads,
    ...(sampleLength !== undefined && { sampleLength }),
    ...(activationBits !== undefined && { activationBits: Number(activationBits) as ActivationBits }),
    ...(maxMemory !== undefined && { maxMemory }),
    ...(backend !== undefined && { backend }),
  };
}

/** Where the samples come from. The options exclude each other. */
function originOf({ text, tokens, selfGenerate }: CalibrateFlags): SampleOrigin {
  if (text !== undefined) return { kind: "text", path: text };
  if (tokens !== undefined) return { kind: "tokens", path: tokens };
  if (selfGenerate) return { kind: "self-generated" };
  throw new LowbitError(
    "options/command-line",
    "Samples come from --text, --tokens or --self-generate; none is given.",
    {
      missing: "--text",
    },
  );
}

function parseKinds(text: string): readonly StatisticKind[] {
  const given = text.split(",").map((word) => word.trim());
  const unknown = given.find((word) => !STATISTIC_KINDS.includes(word as StatisticKind));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of ${STATISTIC_KINDS.join(", ")}.`);
  return STATISTIC_KINDS.filter((kind) => given.includes(kind));
}

function parseOutputFile(text: string): string {
  const path = parseOutput(text);
  if (path.endsWith(".safetensors")) return path;
  throw new InvalidArgumentError("Its name ends in .safetensors.");
}
