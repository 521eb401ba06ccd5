import { ERROR_CODES, type ErrorCode, isLowbitError } from "@lowbit/core/errors";
import type { RequestFailure } from "../protocol/envelope.js";
import { RequestError } from "../protocol/request-error.js";

/** What a request ends in: the error's own code, message and remedy, or "engine/internal" for a fault of ours. */
export function engineFailure(error: unknown): RequestFailure {
  if (error instanceof RequestError) return error.failure;
  if (!isLowbitError(error)) {
    return { code: "engine/internal", message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, facts } = error;
  const options = optionNames(facts["options"] ?? facts["option"]);
  const remedy = remedyOf(code);
  return {
    code,
    message,
    ...(remedy !== undefined && { remedy }),
    ...(code.startsWith("options/") && options.length > 0 && { options }),
  };
}

export function isFault(error: unknown): boolean {
  return !isLowbitError(error) && !(error instanceof RequestError);
}

/** Undefined for a code that this version does not know. */
export function remedyOf(code: string): string | undefined {
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].remedy : undefined;
}

export function refusal(code: string, message: string, remedy?: string): RequestError {
  return new RequestError({ code, message, ...(remedy !== undefined && { remedy }) });
}

/** "group 32" → "group": facts name options with what is wrong with them. */
function optionNames(fact: unknown): readonly string[] {
  const texts = Array.isArray(fact) ? fact : [fact];
  return texts.flatMap((text) => (typeof text === "string" ? (text.split(" ", 1) as [string]) : []));
}
