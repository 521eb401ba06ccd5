import type { BackendName } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import type { Command } from "commander";
import { backendOption, describeBackend, kernelThreadsOption } from "../backend-choice.js";
import { openBackend } from "../create-backend.js";
import { readText } from "../evaluate/read-tokens.js";
import type { GenerateReport, GenerateRequest } from "../generate/run-generate.js";
import { interruptSignal } from "../interrupt.js";
import { printJson } from "../output/json.js";
import { formatBytes, formatDuration, formatNumber } from "../output/quantities.js";
import { paintError } from "../output/style.js";
import { type TextStream, textStream } from "../output/text-stream.js";
import { decimalNumber, wholeNumber } from "./number-option.js";
import { type PrecisionFlags, precisionOptions, runPrecision } from "./precision-options.js";

interface GenerateFlags extends PrecisionFlags {
  readonly prompt: string;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed: number;
  readonly chat?: boolean;
  readonly system?: string;
  readonly ignoreEnd?: boolean;
  readonly backend?: BackendName;
  readonly threads: number;
  readonly json?: boolean;
}

/** `lowbit generate MODEL`: text that goes on from a prompt, as it is made. */
export function declareGenerate(program: Command): void {
  const command = program
    .command("generate")
    .description("let a model, quantized or not, go on from a prompt")
    .argument(
      "<model>",
      "a model directory, a .gguf file, or a .safetensors file beside its config.json and tokenizer.json",
    )
    .requiredOption("--prompt <text>", "what to go on from; - reads it from standard input")
    .option("--max-tokens <count>", "most tokens to make", wholeNumber(1), 256)
    .option(
      "--temperature <t>",
      "0 takes the most likely token; logits are divided by t",
      decimalNumber((t) => t >= 0, "a number from 0"),
      0,
    )
    .option("--top-k <count>", "draw from so many of the most likely tokens", wholeNumber(1))
    .option(
      "--top-p <share>",
      "draw from the fewest most likely tokens with this share of the probability",
      decimalNumber((p) => p > 0 && p <= 1, "a number above 0 up to 1"),
    )
    .option(
      "--seed <number>",
      "of the random numbers: the same seed gives the same text on the same backend",
      wholeNumber(0),
      0,
    )
    .option("--chat", "the prompt is a message to the assistant, in the chat template of the model")
    .option("--system <text>", "message of the system before it; needs --chat")
    .option("--ignore-end", "go on after tokens that end a text");
  for (const option of precisionOptions()) command.addOption(option);
  command
    .addOption(backendOption())
    .addOption(kernelThreadsOption())
    .option("--json", "print JSON, once, at the end")
    .addHelpText(
      "after",
      "\nExamples:\n  lowbit generate model --prompt 'Once upon a time' --max-tokens 100\n  lowbit generate model --prompt 'Why is the sky blue?' --chat --temperature 0.7 --top-p 0.9 --seed 1\n  lowbit generate model-q4 --prompt - --activation-bits 8 --kv-bits 8 < prompt.txt",
    )
    .action(generate);
}

async function generate(path: string, flags: GenerateFlags): Promise<void> {
  checkFlags(flags);
  const { runGenerate } = await import("../generate/run-generate.js");
  const prompt = flags.prompt === "-" ? await readText("-") : flags.prompt;
  const output = textStream();
  const { backend } = await openBackend(flags.backend, flags.threads);
  try {
    const signal = AbortSignal.any([interruptSignal(), output.closed]);
    const report = await runGenerate(backend, requestOf(path, prompt, flags, signal, output));
    const { name, isa, threads } = backend;
    if (flags.json) printJson({ ...report, backend: name, isa, threads });
    else {
      await output.write("\n");
      process.stderr.write(
        `${paintError("dim", describeSpeed(report, describeBackend({ backend: name, isa, threads })))}\n`,
      );
    }
  } catch (error) {
    // The reader took what it wanted (`| head`): that is no failure.
    if (!output.closed.aborted) throw error;
  } finally {
    output.finish();
    backend.close();
  }
}

function checkFlags({ system, chat, temperature, topK, topP }: GenerateFlags): void {
  if (system !== undefined && !chat) throw incomplete("--system needs --chat.", "--system");
  if (temperature > 0) return;
  if (topK !== undefined) throw incomplete("--top-k needs a --temperature above 0.", "--top-k");
  if (topP !== undefined) throw incomplete("--top-p needs a --temperature above 0.", "--top-p");
}

function incomplete(message: string, option: string): LowbitError {
  return new LowbitError("options/command-line", message, { option });
}

function requestOf(
  path: string,
  prompt: string,
  flags: GenerateFlags,
  signal: AbortSignal,
  output: TextStream,
): GenerateRequest {
  const { chat, system, temperature, topK, topP, seed, maxTokens, ignoreEnd = false } = flags;
  return {
    path,
    prompt,
    ...(chat && { chat: { ...(system !== undefined && { system }) } }),
    sampling: { temperature, seed, ...(topK !== undefined && { topK }), ...(topP !== undefined && { topP }) },
    maxTokens,
    ignoresEnd: ignoreEnd,
    precision: runPrecision(flags),
    signal,
    onText: flags.json ? async () => {} : (text) => output.write(text),
  };
}

function describeSpeed(report: GenerateReport, machine: string): string {
  const { promptTokens, tokens, promptTokensPerSecond, tokensPerSecond, firstTokenSeconds, stop } = report;
  const reason = { end: "an end token", limit: "--max-tokens", context: "a full context" }[stop];
  return [
    `prompt ${promptTokens} tokens at ${formatNumber(promptTokensPerSecond, 1)}/s`,
    `${tokens.length} tokens at ${formatNumber(tokensPerSecond, 1)}/s`,
    `first token after ${formatDuration(firstTokenSeconds)}`,
    `weights ${formatBytes(report.weightBytes)}, cache ${formatBytes(report.cacheBytes)}`,
    machine,
    `stopped by ${reason}`,
  ].join("; ");
}
