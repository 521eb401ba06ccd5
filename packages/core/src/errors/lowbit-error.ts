import type { ErrorCode } from "./error-codes.js";

/** Structured facts of an error: what was found, what was allowed, where. Plain JSON values only. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>;

/**
 * The only error that lowbit throws on purpose.
 *
 * `code` is stable and belongs to the API; `message` is one sentence for people, with the value found and the values
 * allowed, and may change. What to do about it stands in `ERROR_CODES[code].remedy`.
 */
export class LowbitError extends Error {
  override readonly name = "LowbitError";
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }
}

/** Recognises our errors across workers and duplicate copies of the package (never by `instanceof`). */
export function isLowbitError(error: unknown): error is LowbitError {
  return error instanceof Error && error.name === "LowbitError" && "code" in error;
}
