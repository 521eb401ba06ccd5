import { LowbitError } from "@lowbit/core/errors";
import { eventLoopTurns } from "../forward/event-loop-turns.js";
import type { TextWindow, WindowPlan } from "./window-plan.js";
import type { WindowBatch } from "./window-runner.js";

export interface WalkedBatch extends WindowBatch {
  readonly windows: readonly TextWindow[];
}

/** Lets events be handled; call it between blocks. @throws `evaluate/aborted` */
export type Pause = () => Promise<void>;

/** All windows of a plan in order, as many at a time as `batchTokens` allows, at least one. */
export function* windowBatches(plan: WindowPlan, batchTokens: number): Generator<WalkedBatch, void, void> {
  const { length, protocol } = plan;
  const most = Math.max(1, Math.floor(batchTokens / length));
  for (let first = 0; first < protocol.windows; first += most) {
    const count = Math.min(most, protocol.windows - first);
    const windows = Array.from({ length: count }, (_, i) => plan.window(first + i));
    const inputs = new Uint32Array(count * length);
    windows.forEach((window, i) => {
      inputs.set(window.inputs, i * length);
    });
    yield { windows, inputs, sequences: count, length };
  }
}

export function pauseUnlessAborted(signal: AbortSignal | undefined): Pause {
  const turn = eventLoopTurns();
  return async () => {
    await turn();
    if (signal?.aborted)
      throw new LowbitError("evaluate/aborted", "The evaluation was cancelled.", {}, { cause: signal.reason });
  };
}
