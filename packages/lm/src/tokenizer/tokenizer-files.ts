import { LowbitError } from "@lowbit/core/errors";

/** The files that make a tokenizer, as text. */
export interface TokenizerFiles {
  /** Shown in messages: the directory. */
  readonly name: string;
  /** tokenizer.json */
  readonly tokenizer: string;
  /** tokenizer_config.json */
  readonly config?: string;
  /** special_tokens_map.json */
  readonly specialTokens?: string;
  /** chat_template.jinja; wins over the template in tokenizer_config.json. */
  readonly chatTemplate?: string;
}

export type JsonObject = Record<string, unknown>;

/** The parts of tokenizer.json that are read here; the tokenizer library reads the rest. */
export interface TokenizerFile extends JsonObject {
  readonly model: JsonObject & { readonly type?: string; readonly vocab: unknown };
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
}

const MODEL_TYPES = ["BPE", "WordPiece", "Unigram"];
/** More ids than any vocabulary has; an id beyond it would make the library fill memory. */
const MOST_IDS = 2 ** 24;

/** @throws `tokenizer/invalid-file` */
export function parseTokenizerFile({ name, tokenizer }: TokenizerFiles): TokenizerFile {
  const file = "tokenizer.json";
  const parsed = parseObject(tokenizer, name, file);
  const { model, added_tokens: added = [] } = parsed;
  if (!isObject(model)) throw invalid(name, file, 'has no object "model"');
  if (!isObject(model["vocab"]) && !Array.isArray(model["vocab"]))
    throw invalid(name, file, 'has no "vocab" in its model');
  const type = model["type"] ?? MODEL_TYPES[0];
  if (!MODEL_TYPES.includes(type as string)) {
    throw invalid(name, file, `has a model of type "${String(type)}"; known are ${MODEL_TYPES.join(", ")}`);
  }
  if (!Array.isArray(added)) throw invalid(name, file, 'has "added_tokens" that are no list');
  for (const token of added as unknown[]) {
    if (!isObject(token) || typeof token["content"] !== "string") {
      throw invalid(name, file, 'has an added token without "content"');
    }
  }
  // The library asks for all of these keys, though each may be null.
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  const complete = { ...parts, ...parsed, model: { ...model, type }, added_tokens: added } as unknown as TokenizerFile;
  for (const id of tokenIds(complete)) {
    if (!Number.isInteger(id) || id < 0 || id >= MOST_IDS) {
      throw invalid(name, file, `has the token id ${id}; ids are integers from 0 to ${MOST_IDS - 1}`);
    }
  }
  return complete;
}

/** Every id of the vocabulary and of the added tokens. */
export function tokenIds({ model, added_tokens }: TokenizerFile): number[] {
  const ids = Array.isArray(model.vocab) ? model.vocab.map((_, id) => id) : Object.values(model.vocab as JsonObject);
  return [...(ids as number[]), ...added_tokens.map(({ id }) => id)];
}

/** A JSON object of a side file; {} when there is no such file. @throws `tokenizer/invalid-file` */
export function parseSideFile(text: string | undefined, name: string, file: string): JsonObject {
  return text === undefined ? {} : parseObject(text, name, file);
}

function parseObject(text: string, name: string, file: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalid(name, file, `is no JSON (${(error as Error).message})`, error);
  }
  if (!isObject(parsed)) throw invalid(name, file, "holds no JSON object");
  return parsed;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(name: string, file: string, found: string, cause?: unknown): LowbitError {
  return new LowbitError("tokenizer/invalid-file", `${name}: ${file} ${found}.`, { path: name, file }, { cause });
}
