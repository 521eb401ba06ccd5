import type { KernelBackend } from "@lowbit/core/backend";
import { isLowbitError, LowbitError } from "@lowbit/core/errors";
import {
  checkTokenizer,
  compareModels,
  type Evaluation,
  type EvaluationOptions,
  type EvaluationProgress,
  evaluateTokens,
  type LanguageModel,
  type LayerErrors,
  type ModelComparison,
  type ModelSource,
  measureLayerErrors,
} from "@lowbit/lm";
import { modelDirectory, openModel } from "@lowbit/lm/node";
import type { RunPrecision } from "../commands/precision-options.js";
import { readText, readTokens } from "./read-tokens.js";
import { type TokenizerFacts, tokenize } from "./tokenize.js";

export type BeginRule = "auto" | "each-window" | "none";

/** `lowbit evaluate` without its command line. */
export interface EvaluateRequest {
  readonly path: string;
  /** A text file, or one of token ids. */
  readonly input: { readonly kind: "text" | "tokens"; readonly path: string };
  readonly against?: string;
  readonly perLayer: boolean;
  readonly beginRule: BeginRule;
  readonly windows: Pick<EvaluationOptions, "context" | "stride" | "maxTokens" | "maxWindows">;
  readonly precision: RunPrecision;
  readonly signal: AbortSignal;
  readonly onProgress: (job: "perplexity" | "layers", progress: EvaluationProgress) => void;
}

export interface EvaluateAnswer {
  readonly model: string;
  /** Name of the text. */
  readonly text: string;
  /** Ids of the whole text. */
  readonly textTokens: number;
  /** 1 + the largest id of the tokenizer; absent where ids were given. */
  readonly tokenizerIds?: number;
  readonly vocabularySize: number;
  readonly weightBytes: number;
  readonly precision: RunPrecision;
  readonly evaluation: Evaluation;
  readonly against?: { readonly name: string; readonly weightBytes: number; readonly comparison: ModelComparison };
  readonly layers?: LayerErrors;
  /** Of the run, without loading. */
  readonly seconds: number;
}

interface Input {
  readonly tokens: Uint32Array;
  /** Absent where ids were given and no tokenizer is needed. */
  readonly tokenizer?: TokenizerFacts;
}

export async function runEvaluate(backend: KernelBackend, request: EvaluateRequest): Promise<EvaluateAnswer> {
  const { path, against } = request;
  // Opening reads no weights: what is wrong with a model shows before the work on the text.
  const sources: ModelSource[] = [];
  const models: LanguageModel[] = [];
  try {
    for (const name of against === undefined ? [path] : [path, against]) sources.push(await openModel(name, backend));
    const input = await readInput(request);
    for (const source of sources) models.push(await source.load());
    return await evaluate(backend, models[0]!, models[1], input, request);
  } finally {
    for (const model of models) model.close();
    for (const source of sources) await source.close();
  }
}

async function readInput({ path, input, beginRule, signal }: EvaluateRequest): Promise<Input> {
  const directory = modelDirectory(path);
  if (input.kind === "text") return tokenize({ directory, text: await readText(input.path, signal) }, signal);
  const tokens = await readTokens(input.path);
  if (beginRule !== "each-window") return { tokens };
  try {
    // The tokenizer is only asked for its begin token.
    const { tokenizer } = await tokenize({ directory, text: "" }, signal);
    return { tokens, tokenizer };
  } catch (error) {
    if (isLowbitError(error) && error.code === "tokenizer/missing-file") return { tokens };
    throw error;
  }
}

async function evaluate(
  backend: KernelBackend,
  model: LanguageModel,
  original: LanguageModel | undefined,
  { tokens, tokenizer }: Input,
  request: EvaluateRequest,
): Promise<EvaluateAnswer> {
  const { path, input, windows, precision, signal, onProgress, perLayer } = request;
  if (tokenizer !== undefined) checkTokenizer(tokenizer, model.config, path);
  const beginToken = chosenBeginToken(request, model, tokenizer);
  const reporting = (job: "perplexity" | "layers"): EvaluationOptions => ({
    ...windows,
    ...precision,
    signal,
    ...(beginToken !== undefined && { beginToken }),
    onProgress: (progress) => onProgress(job, progress),
  });
  const started = performance.now();
  const comparison = original && (await compareModels(model, original, backend, tokens, reporting("perplexity")));
  const evaluation = comparison?.model ?? (await evaluateTokens(model, backend, tokens, reporting("perplexity")));
  const layers =
    perLayer && original ? await measureLayerErrors(model, original, backend, tokens, reporting("layers")) : undefined;
  return {
    model: path,
    text: input.path === "-" ? "standard input" : input.path,
    textTokens: tokens.length,
    ...(input.kind === "text" && tokenizer !== undefined && { tokenizerIds: tokenizer.vocabularySize }),
    vocabularySize: model.config.vocabularySize,
    weightBytes: model.weightBytes,
    precision,
    evaluation,
    ...(original && comparison && { against: { name: original.name, weightBytes: original.weightBytes, comparison } }),
    ...(layers && { layers }),
    seconds: (performance.now() - started) / 1000,
  };
}

/** With ids instead of a text, "auto" adds nothing. */
function chosenBeginToken(
  { beginRule, path }: EvaluateRequest,
  model: LanguageModel,
  tokenizer: TokenizerFacts | undefined,
): number | undefined {
  if (beginRule === "none" || (beginRule === "auto" && !tokenizer?.addsBeginToken)) return undefined;
  const token = tokenizer?.beginToken ?? model.config.beginToken;
  if (token !== undefined) return token;
  throw new LowbitError("evaluate/no-begin-token", `${path}: neither tokenizer nor config.json names a begin token.`, {
    path,
  });
}
