import { LowbitError, showValue } from "@lowbit/core/errors";

/** Largest count that a config may state: sizes are stored in 32 bits, and products of two must stay exact. */
const LARGEST_COUNT = 2 ** 24;

/** Every block is looked at before its tensors are found missing, so a config must not state millions of them. */
const MOST_BLOCKS = 4096;

/**
 * The fields of a config.json or generation_config.json, checked as they are read. A field that is null counts as absent, as the library that writes
 * these files has it.
 */
export class ConfigFields {
  /** Shown in messages: the path of the model. */
  readonly name: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #file: string;

  /** @throws `model/config-json` */
  constructor(name: string, json: unknown, path = "", file = "config.json") {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw new LowbitError(
        "model/config-json",
        `${name}: ${file}${path} is ${showValue(json)}; it must be an object.`,
        { model: name, found: showValue(json) },
      );
    }
    this.name = name;
    this.#fields = json as Readonly<Record<string, unknown>>;
    this.#path = path;
    this.#file = file;
  }

  has(field: string): boolean {
    return this.raw(field) !== undefined;
  }

  raw(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? (this.#fields[field] ?? undefined) : undefined;
  }

  /** Stated as null, where that means something else than absent. */
  isNull(field: string): boolean {
    return Object.hasOwn(this.#fields, field) && this.#fields[field] === null;
  }

  /** An integer from 1 on. */
  count(field: string, otherwise?: number): number {
    return this.#number(field, otherwise, `an integer from 1 to ${LARGEST_COUNT}`, isCount);
  }

  /** A number of blocks. */
  blockCount(field: string): number {
    const isBlockCount = (value: number) => isCount(value) && value <= MOST_BLOCKS;
    return this.#number(field, undefined, `an integer from 1 to ${MOST_BLOCKS}`, isBlockCount);
  }

  /** An integer from 0 on. */
  integer(field: string, otherwise?: number): number {
    return this.#number(
      field,
      otherwise,
      `an integer from 0 to ${LARGEST_COUNT}`,
      (value) => value === 0 || isCount(value),
    );
  }

  /** A finite number above 0. */
  positive(field: string, otherwise?: number): number {
    return this.#number(field, otherwise, "a number above 0", (value) => value > 0 && value < Infinity);
  }

  boolean(field: string, otherwise?: boolean): boolean {
    const value = this.raw(field) ?? otherwise;
    if (typeof value !== "boolean") throw this.invalid(field, "true or false");
    return value;
  }

  text(field: string, otherwise?: string): string {
    const value = this.raw(field) ?? otherwise;
    if (typeof value !== "string") throw this.invalid(field, "a text");
    return value;
  }

  choice<T>(field: string, choices: Readonly<Record<string, T>>, otherwise?: string): T {
    const value = this.raw(field) ?? otherwise;
    if (typeof value !== "string" || !Object.hasOwn(choices, value)) {
      throw this.invalid(field, `one of ${Object.keys(choices).join(", ")}`);
    }
    return choices[value]!;
  }

  /** A list of `length` texts, each among `allowed`; absent: undefined. */
  texts(field: string, length: number, allowed: readonly string[]): readonly string[] | undefined {
    const value = this.raw(field);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length !== length || !value.every((item) => allowed.includes(item))) {
      throw this.invalid(field, `a list of ${length} of ${allowed.join(", ")}`);
    }
    return value as readonly string[];
  }

  /** A list of `length` finite numbers above 0. */
  positives(field: string, length: number): readonly number[] {
    const value = this.raw(field);
    if (
      Array.isArray(value) &&
      value.length === length &&
      value.every((item) => typeof item === "number" && item > 0 && item < Infinity)
    ) {
      return value as readonly number[];
    }
    throw this.invalid(field, `a list of ${length} numbers above 0`);
  }

  object(field: string): ConfigFields | undefined {
    const value = this.raw(field);
    return value === undefined ? undefined : new ConfigFields(this.name, value, `${this.#path}.${field}`, this.#file);
  }

  /** Token ids below `vocabularySize`: a number, a list or nothing. */
  tokens(field: string, vocabularySize: number): readonly number[] {
    const value = this.raw(field) ?? [];
    const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
    return ids.map((id) => {
      if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize) return id as number;
      throw this.invalid(field, `token ids from 0 to ${vocabularySize - 1}`);
    });
  }

  /** The error for a field whose value cannot be. */
  invalid(field: string, allowed: string): LowbitError {
    const path = this.#pathOf(field);
    const found = this.#shown(field);
    return new LowbitError(
      "model/config-field",
      `${this.name}: "${path}" in ${this.#file} is ${found}; allowed: ${allowed}.`,
      { model: this.name, field: path, found, allowed },
    );
  }

  /** The error for a field whose value has a meaning that lowbit does not run. */
  unsupported(field: string, supported: string): LowbitError {
    const setting = this.#pathOf(field);
    const found = this.#shown(field);
    return new LowbitError(
      "model/unsupported-setting",
      `${this.name}: "${setting}" in ${this.#file} is ${found}; supported: ${supported}.`,
      { model: this.name, setting, found, allowed: supported },
    );
  }

  #pathOf(field: string): string {
    return `${this.#path}.${field}`.slice(1);
  }

  #shown(field: string): string {
    const value = this.raw(field);
    return value === undefined ? "missing" : showValue(value);
  }

  #number(
    field: string,
    otherwise: number | undefined,
    allowed: string,
    isAllowed: (value: number) => boolean,
  ): number {
    const value = this.raw(field) ?? otherwise;
    if (typeof value !== "number" || !isAllowed(value)) throw this.invalid(field, allowed);
    return value;
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_COUNT;
}
