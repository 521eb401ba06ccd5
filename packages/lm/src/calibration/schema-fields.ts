import { LowbitError, showValue } from "@lowbit/core/errors";

const DIGEST = /^[0-9a-f]{64}$/;

/** Fields of the schema of a statistics file, each checked as it is taken. @throws `calibration/not-statistics` */
export class SchemaFields {
  readonly #file: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(file: string, values: unknown, path = "") {
    this.#file = file;
    this.#path = path;
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw notStatistics(file, `${path === "" ? "its schema" : path} is ${showValue(values)}; it must be an object`);
    }
    this.#values = values as Readonly<Record<string, unknown>>;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#values);
  }

  object(key: string): SchemaFields {
    return new SchemaFields(this.#file, this.#values[key], this.#pathOf(key));
  }

  text(key: string): string {
    return this.#take(key, (value) => typeof value === "string", "a text") as string;
  }

  digest(key: string): string {
    return this.#take(
      key,
      (value) => typeof value === "string" && DIGEST.test(value),
      "64 hexadecimal digits",
    ) as string;
  }

  count(key: string): number {
    const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31;
    return this.#take(key, isCount, "an integer from 1 to 2^31 − 1") as number;
  }

  choice<T>(key: string, allowed: readonly T[]): T {
    return this.#take(key, (value) => allowed.includes(value as T), `one of ${allowed.join(", ")}`) as T;
  }

  /** One or more of `allowed`, each once. */
  choices<T>(key: string, allowed: readonly T[]): readonly T[] {
    const isRight = (value: unknown): boolean =>
      Array.isArray(value) &&
      value.length > 0 &&
      new Set(value).size === value.length &&
      value.every((item) => allowed.includes(item as T));
    return this.#take(key, isRight, `a list of one or more of ${allowed.join(", ")}, each once`) as readonly T[];
  }

  #take(key: string, isRight: (value: unknown) => boolean, allowed: string): unknown {
    const value = this.#values[key];
    if (isRight(value)) return value;
    throw notStatistics(this.#file, `${this.#pathOf(key)} is ${showValue(value)}; it must be ${allowed}`);
  }

  #pathOf(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}

export function notStatistics(file: string, reason: string): LowbitError {
  return new LowbitError("calibration/not-statistics", `${file} is not read as statistics: ${reason}.`, {
    file,
    reason,
  });
}
