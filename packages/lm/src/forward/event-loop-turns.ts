/** Least milliseconds between two timers where the host has nothing better. */
const TIMER_INTERVAL = 50;

/**
 * Lets waiting events (signals, input, aborts) be handled. Node has `setImmediate`, which costs microseconds; a timer costs
 * milliseconds, so elsewhere most calls return at once.
 */
export function eventLoopTurns(): () => Promise<void> {
  if (typeof globalThis.setImmediate === "function") {
    return () => new Promise<void>((resolve) => void globalThis.setImmediate(resolve));
  }
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TIMER_INTERVAL) return;
    await new Promise<void>((resolve) => void setTimeout(resolve, 0));
    last = performance.now();
  };
}
