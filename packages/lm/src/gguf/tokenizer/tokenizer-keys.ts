import { LowbitError, showValue } from "@lowbit/core/errors";
import type { GgufArray, GgufMetadata, GgufScalar, GgufScalarType } from "@lowbit/core/gguf";

const PREFIX = "tokenizer.ggml.";

/** The keys of a GGUF file's tokenizer, checked as they are read. */
export class TokenizerKeys {
  readonly #metadata: GgufMetadata;
  readonly #name: string;

  /** @param name shown in messages */
  constructor(name: string, metadata: GgufMetadata) {
    this.#name = name;
    this.#metadata = metadata;
  }

  get name(): string {
    return this.#name;
  }

  text(key: string): string | undefined {
    return this.#scalar(PREFIX + key, "string", "a text");
  }

  boolean(key: string): boolean | undefined {
    return this.#scalar(PREFIX + key, "boolean", "true or false");
  }

  /** A token id; undefined where the key is absent or beyond the vocabulary (some writers mean "none" by 2^32 − 1). */
  tokenId(key: string, vocabularySize: number): number | undefined {
    const id = this.#scalar<number>(`${PREFIX}${key}_token_id`, "number", "a token id");
    return id !== undefined && Number.isInteger(id) && id >= 0 && id < vocabularySize ? id : undefined;
  }

  /** @throws `tokenizer/gguf-missing-key` where the list is absent and `length` is not given */
  texts(key: string): readonly string[] {
    const list = this.#list(key, ["string"]);
    if (list === undefined) throw this.missing(key);
    return list.values as readonly string[];
  }

  /** A list of `length` numbers. */
  numbers(key: string, types: readonly GgufScalarType[], length: number): readonly number[] | undefined {
    const list = this.#list(key, types);
    if (list === undefined) return undefined;
    if (list.length === length) return list.values as readonly number[];
    throw this.invalid(key, `has ${list.length} values`, `${length}, one a token`);
  }

  /** The chat templates by name; the one without a name is "default". */
  chatTemplates(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const own = "tokenizer.chat_template";
    for (const key of this.#metadata.keys()) {
      if (key !== own && !key.startsWith(`${own}.`)) continue;
      found.set(key === own ? "default" : key.slice(own.length + 1), this.#scalar(key, "string", "a text")!);
    }
    return found;
  }

  missing(key: string): LowbitError {
    return new LowbitError("tokenizer/gguf-missing-key", `${this.#name}: has no ${PREFIX}${key}.`, {
      model: this.#name,
      key: PREFIX + key,
    });
  }

  /** @param found @param allowed what the sentence says */
  invalid(key: string, found: string, allowed: string): LowbitError {
    return invalidKey(this.#name, PREFIX + key, found, allowed);
  }

  #list(key: string, types: readonly GgufScalarType[]): GgufArray | undefined {
    const value = this.#metadata.get(PREFIX + key);
    if (value === undefined) return undefined;
    if (value.type === "array" && types.includes(value.elementType)) return value;
    const found = value.type === "array" ? `a list of ${value.elementType}` : `a ${value.type}`;
    throw this.invalid(key, `is ${found}`, `a list of ${types.join(" or ")}`);
  }

  #scalar<T extends GgufScalar>(key: string, type: "string" | "number" | "boolean", allowed: string): T | undefined {
    const value = this.#metadata.get(key);
    if (value === undefined) return undefined;
    if (value.type !== "array" && typeof value.value === type) return value.value as T;
    const found = value.type === "array" ? `a list of ${value.elementType}` : showGiven(value.value);
    throw invalidKey(this.#name, key, `is ${found}`, allowed);
  }
}

function invalidKey(model: string, key: string, found: string, allowed: string): LowbitError {
  return new LowbitError("tokenizer/gguf-invalid-key", `${model}: ${key} ${found}; allowed: ${allowed}.`, {
    model,
    key,
    found,
    allowed,
  });
}

function showGiven(value: GgufScalar): string {
  return typeof value === "bigint" ? `${value}` : showValue(value);
}
