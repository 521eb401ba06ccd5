import { LowbitError } from "../errors/index.js";

export function abortError(): LowbitError {
  return new LowbitError("pipeline/aborted", "The run was cancelled; what is complete is kept.");
}

/** @throws `pipeline/aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError();
}
