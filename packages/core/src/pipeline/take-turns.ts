/** Longest time without a turn, in milliseconds: a cancel is heard within it. */
const TURN_MS = 40;

/**
 * A `pause` that lets the event loop have a turn now and then. Reads of memory end without one, so that a long run would
 * otherwise let no message in: not even the one that cancels it.
 */
export function takeTurns(now: () => number = () => performance.now()): () => Promise<void> {
  let last = now();
  return async () => {
    if (now() - last < TURN_MS) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    last = now();
  };
}
