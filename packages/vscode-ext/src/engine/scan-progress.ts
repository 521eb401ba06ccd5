import type { WorkProgress } from "../protocol/request-map.js";

/** Shortest time between two messages, in milliseconds. */
const STEP_MS = 100;

/** Counts the bytes of a scan into progress messages, about ten a second. */
export function scanProgress(
  label: string,
  total: number,
  progress: (progress: WorkProgress) => void,
  now: () => number = () => performance.now(),
): (bytes: number) => void {
  const started = now();
  let last = started;
  let done = 0;
  return (bytes) => {
    done += bytes;
    const time = now();
    if (time - last < STEP_MS) return;
    last = time;
    const etaSeconds = ((time - started) / 1000) * Math.max(0, total / done - 1);
    progress({ label, done: Math.min(done, total), total, ...(Number.isFinite(etaSeconds) && { etaSeconds }) });
  };
}

/** Passes at most about ten messages a second on, always the last state that is due. */
export function throttled<P>(
  progress: (progress: P) => void,
  now: () => number = () => performance.now(),
): (state: P) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (state) => {
    const time = now();
    if (time - last < STEP_MS) return;
    last = time;
    progress(state);
  };
}
