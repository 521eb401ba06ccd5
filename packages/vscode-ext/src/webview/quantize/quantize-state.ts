import { type MethodChoice, parseChoice } from "../method-form/method-choice.js";

/** What the page keeps: what was entered, never what was computed. */
export interface QuantizeState {
  readonly choice?: MethodChoice;
  /** Empty: none chosen yet. */
  readonly output: string;
  /** As entered. */
  readonly keep: string;
  readonly force: boolean;
}

const EMPTY_STATE: QuantizeState = { output: "", keep: "", force: false };

/** State of an earlier session, as far as it is of this shape. */
export function parseQuantizeState(kept: unknown): QuantizeState {
  if (typeof kept !== "object" || kept === null) return EMPTY_STATE;
  const { choice, output, keep, force } = kept as Record<string, unknown>;
  const parsed = parseChoice(choice);
  return {
    ...(parsed !== undefined && { choice: parsed }),
    output: typeof output === "string" ? output : "",
    keep: typeof keep === "string" ? keep : "",
    force: force === true,
  };
}
