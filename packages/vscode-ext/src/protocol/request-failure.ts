import type { RequestFailure } from "./envelope.js";
import { RequestError } from "./request-error.js";

/** What a request ends in that was cancelled. */
export const CANCELLED: RequestFailure = { code: "protocol/cancelled", message: "The request was cancelled." };

/**
 * The failure that an error is reported as: that of a {@link RequestError}; code, message and remedy of an error that has
 * a code of ours ("room/cause"); else `faultCode`, for it is a fault of the program.
 */
export function failureOf(error: unknown, faultCode: string): RequestFailure {
  if (error instanceof RequestError) return error.failure;
  if (error instanceof Error) {
    const { code, remedy } = error as { code?: unknown; remedy?: unknown };
    if (typeof code === "string" && code.includes("/"))
      return { code, message: error.message, ...(typeof remedy === "string" ? { remedy } : {}) };
    return { code: faultCode, message: error.message };
  }
  return { code: faultCode, message: String(error) };
}
