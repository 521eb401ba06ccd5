import { type Pause, pauseUnlessAborted } from "../forward/pause-unless-aborted.js";
import type { TextWindow, WindowPlan } from "./window-plan.js";
import type { WindowBatch } from "./window-runner.js";

export interface WalkedBatch extends WindowBatch {
  readonly windows: readonly TextWindow[];
}

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

/** Between blocks. @throws `evaluate/aborted` */
export function evaluationPause(signal: AbortSignal | undefined): Pause {
  return pauseUnlessAborted(signal, "evaluate/aborted", "The evaluation was cancelled.");
}
