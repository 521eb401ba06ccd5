import { type ErrorCode, LowbitError } from "@lowbit/core/errors";
import { eventLoopTurns } from "./event-loop-turns.js";

/** Lets events be handled; called between pieces of long work. */
export type Pause = () => Promise<void>;

/** A pause that throws `code` once the signal is aborted. */
export function pauseUnlessAborted(signal: AbortSignal | undefined, code: ErrorCode, message: string): Pause {
  const turn = eventLoopTurns();
  return async () => {
    await turn();
    if (signal?.aborted) throw new LowbitError(code, message, {}, { cause: signal.reason });
  };
}
