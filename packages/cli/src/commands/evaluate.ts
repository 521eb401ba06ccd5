import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { type Command, Option } from "commander";
import { backendOption, describeBackend, kernelThreadsOption } from "../backend-choice.js";
import { openBackend } from "../create-backend.js";
import { renderEvaluation } from "../evaluate/render-evaluation.js";
import type { BeginRule, EvaluateRequest } from "../evaluate/run-evaluate.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { createProgressDisplay, type ProgressDisplay } from "../output/progress.js";
import { wholeNumber } from "./number-option.js";
import { type PrecisionFlags, precisionOptions, runPrecision } from "./precision-options.js";

interface EvaluateFlags extends PrecisionFlags {
  readonly text?: string;
  readonly tokens?: string;
  readonly against?: string;
  readonly context?: number;
  readonly stride?: number;
  readonly bos: BeginRule;
  readonly maxTokens?: number;
  readonly maxWindows?: number;
  readonly perLayer?: boolean;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly json?: boolean;
}

/** `lowbit evaluate MODEL --text FILE`: perplexity, and what was lost against another model. */
export function declareEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .description("perplexity of a model, quantized or not; KL divergence and layer errors against another one")
    .argument(
      "<model>",
      "a model directory, a .gguf file, or a .safetensors file beside its config.json and tokenizer.json",
    )
    .option("--text <file>", "text to evaluate on; - reads it from standard input")
    .addOption(new Option("--tokens <file>", "JSON list of token ids instead of a text").conflicts("text"))
    .option("--against <model>", "the original, to compare with: KL, same likeliest token, difference of the losses")
    .option(
      "--context <tokens>",
      "tokens of a window, begin token included (default: the model's, at most 2048)",
      wholeNumber(2),
    )
    .option("--stride <tokens>", "ids from one window to the next (default: no overlap)", wholeNumber(1))
    .addOption(
      new Option("--bos <rule>", "begin token before each window; auto: as the tokenizer does, none for --tokens")
        .choices(["auto", "each-window", "none"])
        .default("auto"),
    )
    .option("--max-tokens <count>", "use so many tokens from the start of the text", wholeNumber(1))
    .option("--max-windows <count>", "use so many windows from the start of the text", wholeNumber(1));
  for (const option of precisionOptions()) command.addOption(option);
  command
    .option("--per-layer", "also the error of every linear layer and block; needs --against")
    .addOption(backendOption())
    .addOption(kernelThreadsOption())
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit evaluate model/ --text wiki.txt\n  lowbit evaluate model-q4 --text wiki.txt --against model/ --per-layer\n  lowbit evaluate model-q4 --text wiki.txt --context 512 --stride 256 --max-tokens 20000 --kv-bits 4 --activation-bits 8",
    )
    .action(evaluate);
}

async function evaluate(path: string, flags: EvaluateFlags): Promise<void> {
  const { runEvaluate } = await import("../evaluate/run-evaluate.js");
  const progress = createProgressDisplay();
  const request = requestOf(path, flags, progress);
  const { backend } = await openBackend(flags.backend, flags.threads);
  try {
    const answer = await runEvaluate(backend, request);
    progress.finish();
    const { name, isa, threads } = backend;
    if (flags.json) printJson({ ...answer, backend: name, isa, threads });
    else console.log(renderEvaluation(answer, describeBackend({ backend: name, isa, threads })));
  } finally {
    progress.finish();
    backend.close();
  }
}

function requestOf(path: string, flags: EvaluateFlags, progress: ProgressDisplay): EvaluateRequest {
  const { text, tokens, against, perLayer = false, context, stride, maxTokens, maxWindows } = flags;
  if (text === undefined && tokens === undefined) throw incomplete("Give --text FILE or --tokens FILE.", "--text");
  if (perLayer && against === undefined) throw incomplete("--per-layer needs --against MODEL.", "--per-layer");
  return {
    path,
    input: text !== undefined ? { kind: "text", path: text } : { kind: "tokens", path: tokens! },
    ...(against !== undefined && { against }),
    perLayer,
    beginRule: flags.bos,
    windows: {
      ...(context !== undefined && { context }),
      ...(stride !== undefined && { stride }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(maxWindows !== undefined && { maxWindows }),
    },
    precision: runPrecision(flags),
    signal: interruptSignal(),
    onProgress: (job, { doneTokens, totalTokens, nll }) => {
      const label = job === "layers" ? "errors of layers" : `perplexity ${Math.exp(nll ?? Number.NaN).toFixed(4)}`;
      progress.update({ label, done: doneTokens, total: totalTokens, unit: "tokens" });
    },
  };
}

function incomplete(message: string, option: string): LowbitError {
  return new LowbitError("options/command-line", message, { option });
}
