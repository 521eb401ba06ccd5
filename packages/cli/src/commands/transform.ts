import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { AwqSettings, SmoothMagnitude } from "@lowbit/lm";
import { type Command, InvalidArgumentError, Option } from "commander";
import { backendOption, kernelThreadsOption } from "../backend-choice.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { formatBytes, formatSeconds } from "../output/quantities.js";
import { paint } from "../output/style.js";
import {
  type RotationChoice,
  rotateSeedOption,
  rotationSeed,
  rotationSites,
  strength,
} from "../transform/rotation-option.js";
import { wholeNumber } from "./number-option.js";
import { parseOutput } from "./output-argument.js";

const DTYPES = { bf16: "BF16", f16: "F16", f32: "F32" } as const;

interface TransformFlags {
  readonly rotate?: RotationChoice;
  readonly rotateSeed?: number;
  readonly smooth?: number;
  readonly magnitude: SmoothMagnitude;
  readonly awq?: boolean;
  readonly bits?: number;
  readonly group?: number | "row";
  readonly statistics?: string;
  readonly dtype: keyof typeof DTYPES;
  readonly force?: boolean;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly json?: boolean;
}

/** `lowbit transform IN OUT --rotate R1,R2`: a plain model that computes the same and is easier to quantize. */
export function declareTransform(program: Command): void {
  program
    .command("transform")
    .description("merge rotations or channel scales into a plain model: the same outputs, easier to quantize")
    .argument("<in>", "a model directory that is not quantized")
    .argument("<out>", "a new directory, or a new .safetensors file", parseOutput)
    .addOption(
      new Option("--rotate <sites>", "R1 (residual stream), R2 (value heads), or both: R1,R2").argParser(
        rotationSites(false),
      ),
    )
    .addOption(rotateSeedOption())
    .addOption(
      new Option(
        "--smooth <alpha>",
        "merge a scale per input channel, 0 to 1: how much of the size of inputs goes into the weights; needs --statistics",
      ).argParser(strength()),
    )
    .addOption(
      new Option("--magnitude <kind>", "size of an input channel for --smooth")
        .choices(["root-mean-square", "mean-abs"])
        .default("root-mean-square"),
    )
    .option("--awq", "merge the scales that AWQ searches for a quantized model to come; needs --statistics")
    .addOption(
      new Option("--bits <number>", "of the codes that --awq searches for, 2 to 8; 4 by default").argParser(
        wholeNumber(2, 8),
      ),
    )
    .addOption(
      new Option("--group <columns>", "weights that share a scale there, or row; 128 by default").argParser(groupSize),
    )
    .option(
      "--statistics <file>",
      "what lowbit calibrate has saved of this model: --collect mean-square (or mean-abs) for --smooth, hessian,mean-abs for --awq",
    )
    .addOption(new Option("--dtype <dtype>", "of all tensors").choices(Object.keys(DTYPES)).default("f32"))
    .option("--force", "replace an existing output, once the new one is complete")
    .addOption(backendOption())
    .addOption(kernelThreadsOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit transform model model-rotated --rotate R1,R2\n  lowbit calibrate model --text train.txt --collect mean-square --out squares.safetensors\n  lowbit transform model model-smooth --smooth 0.5 --statistics squares.safetensors\n  lowbit calibrate model --text train.txt --collect hessian,mean-abs --out inputs.safetensors\n  lowbit transform model model-scaled --awq --bits 4 --group 128 --statistics inputs.safetensors\n  lowbit quantize model-scaled model-q4 --method awq --bits 4 --group 128 --scale-search false --clip-search false",
    )
    .action(transform);
}

async function transform(input: string, output: string, flags: TransformFlags): Promise<void> {
  const { runTransform } = await import("../transform/run-transform.js");
  const { rotate, rotateSeed, smooth, magnitude, statistics, dtype, force = false, backend, threads } = flags;
  const awq = awqSettings(flags);
  const progress = createProgressDisplay();
  try {
    const report = await runTransform({
      input,
      output,
      rotate: rotate?.merged ?? [],
      seed: rotationSeed(rotate, rotateSeed),
      ...(smooth !== undefined && { smooth: { alpha: smooth, magnitude } }),
      ...(awq !== undefined && { awq }),
      ...(statistics !== undefined && { statistics }),
      dtype: DTYPES[dtype],
      force,
      threads,
      ...(backend !== undefined && { backend }),
      signal: interruptSignal(),
      onProgress: ({ label, donePieces, totalPieces }) =>
        progress.update({ label, done: donePieces, total: totalPieces, unit: "parts" }),
    });
    progress.finish();
    if (flags.json) printJson({ output, ...report });
    else {
      console.log(
        `${paint("green", "Wrote")} ${output}: ${report.tensors} tensors as ${DTYPES[dtype]}, ${formatBytes(report.outputBytes)}, in ${formatSeconds(report.seconds)}.`,
      );
    }
  } finally {
    progress.finish();
  }
}

/** @throws `options/command-line` for its options without it */
function awqSettings({ awq, bits, group }: TransformFlags): AwqSettings | undefined {
  if (awq) return { ...(bits !== undefined && { bits }), ...(group !== undefined && { group }) };
  if (bits === undefined && group === undefined) return undefined;
  const option = bits === undefined ? "--group" : "--bits";
  throw new LowbitError("options/command-line", `${option} needs --awq.`, { option });
}

function groupSize(text: string): number | "row" {
  if (text === "row") return text;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It is a number of columns, or row.");
  return Number(text);
}
