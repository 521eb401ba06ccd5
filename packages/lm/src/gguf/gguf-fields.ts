import { LowbitError, showValue } from "@lowbit/core/errors";
import type { GgufMetadata, GgufScalar } from "@lowbit/core/gguf";
import { shortestDecimal } from "./shortest-decimal.js";

/** Largest count that a key may state, as for config.json. */
const LARGEST_COUNT = 2 ** 24;
/** Every block is looked at before its tensors are found missing. */
const MOST_BLOCKS = 4096;

/** Metadata of a GGUF file, checked as it is read; names are those after "<architecture>.". */
export class GgufFields {
  /** Shown in messages: the path of the model. */
  readonly name: string;
  readonly architecture: string;
  readonly #metadata: GgufMetadata;

  constructor(name: string, architecture: string, metadata: GgufMetadata) {
    this.name = name;
    this.architecture = architecture;
    this.#metadata = metadata;
  }

  /** The full key of a name. */
  key(field: string): string {
    return `${this.architecture}.${field}`;
  }

  /** The value of a full key, where there is one that is no list. */
  scalar(key: string): GgufScalar | undefined {
    const value = this.#metadata.get(key);
    return value === undefined || value.type === "array" ? undefined : value.value;
  }

  has(field: string): boolean {
    return this.#metadata.has(this.key(field));
  }

  /** An integer from 1 on. A list counts where all its numbers are the same: some writers state one a block. */
  count(field: string, otherwise?: number, most: number = LARGEST_COUNT): number {
    const value = this.#same(field) ?? otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw this.invalid(field, `an integer from 1 to ${most}`);
  }

  blockCount(field: string): number {
    return this.count(field, undefined, MOST_BLOCKS);
  }

  /** A finite number above 0, as the shortest decimal that is the same float32: "1e-5", not 9.99…e-6. */
  positive(field: string, otherwise?: number): number {
    const value = this.scalar(this.key(field)) ?? otherwise;
    if (typeof value === "number" && value > 0 && value < Infinity) return shortestDecimal(value);
    throw this.invalid(field, "a number above 0");
  }

  boolean(field: string, otherwise: boolean): boolean {
    const value = this.scalar(this.key(field)) ?? otherwise;
    if (typeof value !== "boolean") throw this.invalid(field, "true or false");
    return value;
  }

  text(field: string, otherwise: string): string {
    const value = this.scalar(this.key(field)) ?? otherwise;
    if (typeof value !== "string") throw this.invalid(field, "a text");
    return value;
  }

  /** A list of `length` booleans; absent: undefined. */
  marks(field: string, length: number): readonly boolean[] | undefined {
    const value = this.#metadata.get(this.key(field));
    if (value === undefined) return undefined;
    if (value.type === "array" && value.elementType === "bool" && value.length === length) {
      return value.values as readonly boolean[];
    }
    throw this.unsupported(field, `a list of ${length} bool`);
  }

  /** A token id; undefined where the key is absent or beyond the vocabulary (some writers mean "none" by 2^32 − 1). */
  token(key: string, vocabularySize: number): number | undefined {
    const value = this.scalar(key);
    return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < vocabularySize
      ? value
      : undefined;
  }

  /** The error for a key that is missing or whose value cannot be. */
  invalid(field: string, allowed: string): LowbitError {
    const key = this.key(field);
    const found = this.#shown(key);
    return new LowbitError("model/gguf-key", `${this.name}: the key ${key} is ${found}; allowed: ${allowed}.`, {
      model: this.name,
      key,
      found,
      allowed,
    });
  }

  /** The error for a key whose value has a meaning that lowbit does not run. */
  unsupported(field: string, supported: string): LowbitError {
    const key = this.key(field);
    const found = this.#shown(key);
    return new LowbitError("model/gguf-setting", `${this.name}: the key ${key} is ${found}; supported: ${supported}.`, {
      model: this.name,
      key,
      found,
      supported,
    });
  }

  #same(field: string): GgufScalar | undefined {
    const value = this.#metadata.get(this.key(field));
    if (value?.type !== "array") return value?.value;
    const { values } = value;
    return values.length > 0 && values.every((item) => item === values[0]) ? values[0] : undefined;
  }

  #shown(key: string): string {
    const value = this.#metadata.get(key);
    if (value === undefined) return "missing";
    if (value.type === "array") return `a list of ${value.length} ${value.elementType}`;
    return typeof value.value === "bigint" ? `${value.value}` : showValue(value.value);
  }
}
