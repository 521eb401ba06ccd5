import { LowbitError } from "@lowbit/core/errors";
import type { NativeInstructionSet } from "./load-binding.js";

/**
 * The best instruction set that this CPU has, or the one that is asked for.
 * @throws `backend/unavailable` when the one asked for is not in the build or this CPU lacks its features.
 */
export function chooseInstructionSet(sets: readonly NativeInstructionSet[], wish: string | undefined): string {
  const runnable = sets.filter((set) => set.runs).map((set) => set.name);
  if (wish === undefined) {
    const best = runnable[0];
    if (best !== undefined) return best;
    throw new LowbitError("backend/unavailable", "No instruction set of the native build runs on this CPU.", {
      backend: "native",
      built: sets.map((set) => set.name),
    });
  }
  if (runnable.includes(wish)) return wish;
  const known = sets.find((set) => set.name === wish);
  const reason =
    known === undefined
      ? `is not one of the native build (${sets.map((set) => set.name).join(", ")})`
      : `needs ${known.needs}, which this CPU lacks`;
  throw new LowbitError(
    "backend/unavailable",
    `The instruction set "${wish}" ${reason}; this CPU runs ${runnable.join(", ")}.`,
    { backend: "native", asked: wish, runnable },
  );
}
