import type { KernelBackend } from "@lowbit/core/backend";
import { LowbitError } from "@lowbit/core/errors";
import { pauseUnlessAborted } from "../forward/pause-unless-aborted.js";
import type { LanguageModel } from "../model/language-model.js";
import { tokenChooser } from "./choose-token.js";
import { type DecodingOptions, DecodingSession } from "./decoding-session.js";
import type { SamplingOptions } from "./sampling-options.js";

/** Tokens of a prompt that run through the blocks together: matrix × matrix, in memory that does not grow with the prompt. */
const PREFILL_TOKENS = 512;
const DEFAULT_MAX_TOKENS = 256;

export interface GenerateOptions extends Omit<DecodingOptions, "capacity"> {
  readonly sampling?: SamplingOptions;
  /** Most tokens to generate, 256 when absent; Infinity: until the context is full. The cache has room for all of them. */
  readonly maxTokens?: number;
  /** Generation stops before these; those of the model's config when absent, [] for none. */
  readonly endTokens?: readonly number[];
  readonly signal?: AbortSignal;
  /** Called once, after the prompt and before the first token, with the session that holds the cache. */
  readonly onPrefill?: (session: DecodingSession) => void;
}

/**
 * The tokens that follow `prompt`, one at a time, until an end token (which is not among them), `maxTokens`, or a full
 * context. The same options give the same tokens on the same backend with the same instruction set.
 * @throws `generate/empty-prompt`, `generate/context-full`, `generate/invalid-option`, `generate/non-finite`,
 *   `generate/aborted`
 */
export async function* generateTokens(
  model: LanguageModel,
  backend: KernelBackend,
  prompt: Uint32Array,
  options: GenerateOptions = {},
): AsyncGenerator<number, void, void> {
  const { sampling, signal, maxTokens = DEFAULT_MAX_TOKENS, endTokens = model.config.endTokens } = options;
  const choose = tokenChooser(sampling);
  checkMaxTokens(maxTokens);
  const { contextLength } = model.config;
  checkPrompt(prompt, contextLength);
  const capacity = Math.min(contextLength, prompt.length + maxTokens);
  const session = new DecodingSession(model, backend, { ...options, capacity });
  const pause = pauseUnlessAborted(signal, "generate/aborted", "Generation was cancelled.");
  try {
    await pause();
    let done = 0;
    for (; prompt.length - done > PREFILL_TOKENS; done += PREFILL_TOKENS) {
      session.extend(prompt.subarray(done, done + PREFILL_TOKENS));
      await pause();
    }
    let logits = session.next(prompt.subarray(done));
    options.onPrefill?.(session);
    for (let made = 0; made < maxTokens; ) {
      await pause();
      const token = choose(logits);
      if (endTokens.includes(token)) return;
      yield token;
      made++;
      if (made >= maxTokens || prompt.length + made >= contextLength) return;
      logits = session.next(Uint32Array.of(token));
    }
  } finally {
    session.close();
  }
}

function checkMaxTokens(maxTokens: number): void {
  if (maxTokens === Number.POSITIVE_INFINITY || (Number.isSafeInteger(maxTokens) && maxTokens >= 1)) return;
  throw new LowbitError(
    "generate/invalid-option",
    `The option maxTokens is ${maxTokens}; whole numbers from 1 are possible.`,
    { option: "maxTokens", found: maxTokens, minimum: 1 },
  );
}

function checkPrompt(prompt: Uint32Array, contextLength: number): void {
  if (prompt.length === 0) throw new LowbitError("generate/empty-prompt", "The prompt has 0 tokens; 1 is the least.");
  if (prompt.length < contextLength) return;
  throw new LowbitError(
    "generate/context-full",
    `The prompt has ${prompt.length} tokens; the context of the model is ${contextLength}, so at most ${contextLength - 1} leave room for one more.`,
    { promptTokens: prompt.length, contextLength },
  );
}
