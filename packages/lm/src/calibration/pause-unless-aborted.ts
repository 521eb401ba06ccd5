import { LowbitError } from "@lowbit/core/errors";
import { eventLoopTurns } from "../forward/event-loop-turns.js";

/** Lets events be handled; call it between batches. @throws `calibration/aborted` */
export function pauseUnlessAborted(signal: AbortSignal | undefined): () => Promise<void> {
  const turn = eventLoopTurns();
  return async () => {
    await turn();
    if (signal?.aborted) throw new LowbitError("calibration/aborted", "Calibration was cancelled.");
  };
}
