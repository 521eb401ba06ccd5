import { type MethodChoice, parseChoice } from "../method-form/method-choice.js";
import { MOST_PINNED, type TrialSetting } from "./trial-board.js";

/** What the page keeps: what was entered and pinned; results are asked anew. */
export interface TryState {
  readonly choice?: MethodChoice;
  readonly pinned: readonly TrialSetting[];
  /** True: a changed setting runs by itself. */
  readonly isLive: boolean;
  /** Counts of the histograms on a logarithmic axis. */
  readonly isLogarithmic: boolean;
}

/** State of an earlier session, as far as it is of this shape. */
export function parseTryState(kept: unknown): TryState {
  if (typeof kept !== "object" || kept === null) return { pinned: [], isLive: true, isLogarithmic: false };
  const { choice, pinned, isLive, isLogarithmic } = kept as Record<string, unknown>;
  const parsed = parseChoice(choice);
  return {
    ...(parsed !== undefined && { choice: parsed }),
    pinned: Array.isArray(pinned) ? pinned.filter(isSetting).slice(0, MOST_PINNED) : [],
    isLive: isLive !== false,
    isLogarithmic: isLogarithmic === true,
  };
}

function isSetting(kept: unknown): kept is TrialSetting {
  if (typeof kept !== "object" || kept === null) return false;
  const { method, options } = kept as Partial<TrialSetting>;
  return (
    typeof method === "string" &&
    typeof options === "object" &&
    options !== null &&
    Object.values(options).every((value) => ["number", "boolean", "string"].includes(typeof value))
  );
}
