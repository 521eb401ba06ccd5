import type { KernelBackend } from "@lowbit/core/backend";
import { type CalibrationSet, generatedSamples, type ModelSource, randomWindows, type Tokenizer } from "@lowbit/lm";
import { readText, readTokens } from "../evaluate/read-tokens.js";

/** Where samples come from: a text, a JSON list of token ids, or the model itself. */
export type SampleOrigin = FileOrigin | { readonly kind: "self-generated" };

export interface FileOrigin {
  readonly kind: "text" | "tokens";
  readonly path: string;
}

export interface SampleRequest {
  readonly origin: SampleOrigin;
  readonly samples: number;
  readonly length: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** Bytes that tokenizing takes, as measured with the tokenizer library: its tables, and objects while it splits text. */
const BYTES_PER_VOCABULARY_ENTRY = 1200;
const BYTES_PER_CHARACTER = 120;

export interface TextSamples {
  readonly set: CalibrationSet;
  /** Memory that making them has cost the process. */
  readonly byteLength: number;
}

/** Tokens of a sample where nothing else is asked for and the model's context allows it. */
export const DEFAULT_SAMPLE_LENGTH = 512;

/**
 * Random windows of a file. Of a text each is begun by the begin token, where the tokenizer puts one before a text.
 * @param tokenizer of a text; lists of token ids need none
 */
export async function fileSamples(
  { origin, samples, length, seed }: SampleRequest,
  path: string,
  tokenizer: Tokenizer | undefined,
  source: ModelSource,
): Promise<TextSamples> {
  const text = origin.kind === "text" ? await readText(path) : "";
  const ids = origin.kind === "text" ? tokenizer!.encode(text) : await readTokens(path);
  const { vocabularySize } = source.config;
  const set = await randomWindows(ids, {
    samples,
    length,
    seed,
    vocabularySize,
    ...(origin.kind === "text" && begin(tokenizer!)),
  });
  return {
    set,
    byteLength: (tokenizer?.vocabularySize ?? 0) * BYTES_PER_VOCABULARY_ENTRY + text.length * BYTES_PER_CHARACTER,
  };
}

/** Samples that the model writes; all of it is in memory meanwhile. */
export async function writtenSamples(
  { samples, length, seed, signal, onProgress }: SampleRequest,
  tokenizer: Tokenizer,
  source: ModelSource,
  backend: KernelBackend,
): Promise<CalibrationSet> {
  const model = await source.load();
  try {
    return await generatedSamples(model, backend, {
      samples,
      length,
      seed,
      ...begin(tokenizer),
      ...(signal !== undefined && { signal }),
      ...(onProgress !== undefined && { onProgress }),
    });
  } finally {
    model.close();
  }
}

function begin({ addsBeginToken, beginToken }: Tokenizer): { beginToken?: number } {
  return addsBeginToken && beginToken !== undefined ? { beginToken } : {};
}
