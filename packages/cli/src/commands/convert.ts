import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { checkOutputPaths } from "@lowbit/core/node";
import type { BlockEncoder } from "@lowbit/core/pipeline";
import { statisticsToImatrix } from "@lowbit/lm/node";
import { type Command, Option } from "commander";
import { backendOption, threadsOption } from "../backend-choice.js";
import { conversionForecastJson, conversionJson } from "../convert/conversion-json.js";
import { renderConversion, renderConversionForecast } from "../convert/render-conversion.js";
import { type ConvertRequest, forecastConvert, runConvert } from "../convert/run-convert.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay } from "../output/progress.js";
import { paint } from "../output/style.js";
import { conversionRequest } from "./conversion-request.js";
import { parseAnyOutput } from "./output-argument.js";
import { parseSize } from "./size-option.js";

interface ConvertFlags {
  readonly to: string;
  readonly allowRequantize?: boolean;
  readonly encoder?: BlockEncoder;
  readonly importance?: string;
  readonly tensorType: string[];
  readonly pure?: boolean;
  readonly embeddingType?: string;
  readonly outputType?: string;
  readonly pre?: string;
  readonly errors: boolean;
  readonly dryRun?: boolean;
  readonly maxShardSize?: number;
  readonly maxMemory?: number;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly threads: number;
  readonly backend?: BackendName;
  readonly json?: boolean;
}

const collect = (value: string, list: string[]): string[] => [...list, value];

/** `lowbit convert IN OUT --to LAYOUT[:TYPE]`: the same weights in the layout of another program. */
export function declareConvert(program: Command): void {
  program
    .command("convert")
    .description(
      "write a model in the layout of another program: exactly where the layout holds the weights, else refused, or requantized if you allow it",
    )
    .argument("<in>", "a model directory, a .safetensors file or shard index in any layout, or a .gguf file")
    .argument("<out>", "a new directory, .gguf or .safetensors file", parseAnyOutput)
    .requiredOption(
      "--to <layout>",
      "LAYOUT[:TYPE]: gguf, gguf:Q4_K_M, safetensors:F16, lowbit, gptq, gptq-v2, awq, compressed-tensors, bitsandbytes, bitnet, fp8",
    )
    .option(
      "--allow-requantize",
      "choose new codes where the layout does not hold the weights; the added error is reported",
    )
    .addOption(
      new Option(
        "--encoder <name>",
        "scales of GGUF blocks: lowbit's search, or ggml's own rule to the byte (default: lowbit)",
      ).choices(["lowbit", "ggml"]),
    )
    .option("--importance <file>", "weigh the search: an imatrix of llama.cpp, or statistics of lowbit calibrate")
    .option(
      "--tensor-type <rule>",
      "GGUF type of some tensors, 'GLOB=TYPE'; repeatable, the last match wins",
      collect,
      [],
    )
    .option("--pure", "one GGUF type for every matrix, the embedding and the output too")
    .option("--embedding-type <type>", "GGUF type of the embedding")
    .option("--output-type <type>", "GGUF type of the output (in a tied model: the embedding)")
    .option("--pre <name>", "GGUF: llama.cpp's name for the way the tokenizer cuts text, where it is not recognised")
    .option("--no-errors", "do not measure the error of what is rounded or requantized: faster")
    .option("--dry-run", "print what every weight would become and which do not fit, write nothing")
    .option("--max-shard-size <size>", "split the output into files of at most this size", parseSize)
    .option("--max-memory <size>", "use fewer threads where their buffers would take more", parseSize)
    .option("--resume", "go on with the unfinished GGUF output of an earlier run")
    .option("--force", "replace an existing output, once the new one is complete")
    .addOption(threadsOption())
    .addOption(backendOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit convert model/ model.gguf --to gguf:F16\n  lowbit convert model/ model-q4.gguf --to gguf:Q4_K_M --allow-requantize --importance x.imatrix.gguf\n  lowbit convert model-ternary/ model.gguf --to gguf:TQ2_0\n  lowbit convert model-rtn4/ model-gptq/ --to gptq --dry-run\n  lowbit convert model-q4.gguf model-hf/ --to safetensors:BF16",
    )
    .action(async (input: string, output: string, flags: ConvertFlags, command: Command) => {
      if (flags.to === "imatrix") {
        refuseBesideImatrix(command);
        return writeImatrix(input, output, flags);
      }
      await (flags.dryRun ? dryRun(request(input, output, flags), flags) : run(request(input, output, flags), flags));
    });
}

const IMATRIX_OPTIONS: ReadonlySet<string> = new Set(["--to", "--force", "--json"]);

/** @throws `options/command-line` for an option that has no effect on statistics */
function refuseBesideImatrix(command: Command): void {
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
    .flatMap(({ long }) => (long == null || IMATRIX_OPTIONS.has(long) ? [] : [long]));
  if (given.length === 0) return;
  throw new LowbitError(
    "options/command-line",
    `${given.join(", ")}: only for weights; --to imatrix writes statistics.`,
    {
      options: given,
      target: "imatrix",
    },
  );
}

/** Statistics of `lowbit calibrate` for llama.cpp's tools. */
async function writeImatrix(input: string, output: string, { force = false, json }: ConvertFlags): Promise<void> {
  await checkOutputPaths({ output, resume: false, force });
  const entries = await statisticsToImatrix(input, output);
  if (json) printJson({ output, target: "imatrix", entries });
  else console.log(`${paint("green", "Wrote")} ${output}: second moments of the inputs of ${entries} weights.`);
}

function request(input: string, output: string, flags: ConvertFlags): ConvertRequest {
  const { to, allowRequantize = false, errors } = flags;
  return { ...conversionRequest(input, output, to, flags), allowRequantize, measuresErrors: errors };
}

async function dryRun(request: ConvertRequest, { json }: ConvertFlags): Promise<void> {
  const forecast = await forecastConvert(request);
  if (json) printJson(conversionForecastJson(forecast));
  else console.log(renderConversionForecast(forecast));
}

async function run(request: ConvertRequest, { json }: ConvertFlags): Promise<void> {
  const progress = createProgressDisplay();
  try {
    const report = await runConvert({
      ...request,
      signal: interruptSignal(),
      onProgress: (state) => progress.update(state),
    });
    progress.finish();
    if (json) printJson(conversionJson(report));
    else console.log(renderConversion(report));
  } finally {
    progress.finish();
  }
}
