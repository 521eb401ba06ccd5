import type { KernelBackend } from "@lowbit/core/backend";
import {
  checkTokenizer,
  type GenerateOptions,
  generateTokens,
  type LanguageModel,
  type SamplingOptions,
  type Tokenizer,
} from "@lowbit/lm";
import { modelDirectory, openModel, openTokenizer } from "@lowbit/lm/node";
import type { RunPrecision } from "../commands/precision-options.js";

/** Tokens before the generated ones that settle how its first word is spaced. */
const DECODED_PROMPT_TOKENS = 16;

export interface GenerateRequest {
  readonly path: string;
  readonly prompt: string;
  /** Present: the prompt is a message of a user, after the system message if there is one. */
  readonly chat?: { readonly system?: string };
  readonly sampling: SamplingOptions;
  readonly maxTokens: number;
  readonly ignoresEnd: boolean;
  readonly precision: RunPrecision;
  readonly signal: AbortSignal;
  /** Receives the text as it is made. */
  readonly onText: (text: string) => Promise<void>;
}

/** Why generation stopped: an end token, `maxTokens`, or a full context. */
export type StopReason = "end" | "limit" | "context";

export interface GenerateReport {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly stop: StopReason;
  readonly promptTokens: number;
  /** Seconds from the start of the prompt's pass to the first token, after loading. */
  readonly firstTokenSeconds: number;
  readonly promptTokensPerSecond: number;
  /** Of the tokens after the first; absent with fewer than two. */
  readonly tokensPerSecond?: number;
  /** Bytes of weights in memory. */
  readonly weightBytes: number;
  /** Bytes of the key/value cache. */
  readonly cacheBytes: number;
}

/** Loads a model and goes on from a prompt. */
export async function runGenerate(backend: KernelBackend, request: GenerateRequest): Promise<GenerateReport> {
  const source = await openModel(request.path, backend);
  try {
    const tokenizer = await openTokenizer(modelDirectory(request.path));
    checkTokenizer(tokenizer, source.config, request.path);
    const model = await source.load();
    try {
      return await generateText(backend, model, tokenizer, request);
    } finally {
      model.close();
    }
  } finally {
    await source.close();
  }
}

async function generateText(
  backend: KernelBackend,
  model: LanguageModel,
  tokenizer: Tokenizer,
  request: GenerateRequest,
): Promise<GenerateReport> {
  const { maxTokens, sampling, precision, signal, ignoresEnd } = request;
  const prompt = promptTokens(tokenizer, request);
  const decoder = tokenizer.streamDecoder();
  for (const token of prompt.subarray(-DECODED_PROMPT_TOKENS)) decoder.push(token);
  const started = performance.now();
  let prefilled = started;
  let cacheBytes = 0;
  const options: GenerateOptions = {
    ...precision,
    sampling,
    maxTokens,
    signal,
    endTokens: ignoresEnd ? [] : [...model.config.endTokens, ...tokenizer.endTokens],
    onPrefill: ({ cache }) => {
      prefilled = performance.now();
      cacheBytes = cache.byteLength;
    },
  };
  const tokens: number[] = [];
  let text = "";
  let first = started;
  let last = started;
  const add = async (piece: string): Promise<void> => {
    text += piece;
    if (piece !== "") await request.onText(piece);
  };
  for await (const token of generateTokens(model, backend, prompt, options)) {
    last = performance.now();
    if (tokens.length === 0) first = last;
    tokens.push(token);
    await add(decoder.push(token));
  }
  await add(decoder.finish());
  return {
    text,
    tokens,
    stop: stopReason(tokens.length, prompt.length, maxTokens, model.config.contextLength),
    promptTokens: prompt.length,
    firstTokenSeconds: (first - started) / 1000,
    promptTokensPerSecond: (1000 * prompt.length) / (prefilled - started),
    ...(tokens.length > 1 && { tokensPerSecond: (1000 * (tokens.length - 1)) / (last - first) }),
    weightBytes: model.weightBytes,
    cacheBytes,
  };
}

function promptTokens(tokenizer: Tokenizer, { prompt, chat }: GenerateRequest): Uint32Array {
  if (chat === undefined) return tokenizer.encode(prompt, { addSpecialTokens: true });
  const system = chat.system === undefined ? [] : [{ role: "system", content: chat.system }];
  const messages = [...system, { role: "user", content: prompt }];
  return tokenizer.encode(tokenizer.renderChat(messages, { addGenerationPrompt: true }));
}

function stopReason(made: number, promptLength: number, maxTokens: number, contextLength: number): StopReason {
  if (made === maxTokens) return "limit";
  return promptLength + made >= contextLength ? "context" : "end";
}
