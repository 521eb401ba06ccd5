import type { TrialResult } from "../../protocol/trial-messages.js";

/** Figures by which settings are compared. */
export type FigureKey =
  | "storedBitsPerWeight"
  | "claimedBitsPerWeight"
  | "sqnrDb"
  | "cosineSimilarity"
  | "relativeError"
  | "maximumError"
  | "seconds";

export const FIGURE_KEYS: readonly FigureKey[] = [
  "storedBitsPerWeight",
  "claimedBitsPerWeight",
  "sqnrDb",
  "cosineSimilarity",
  "relativeError",
  "maximumError",
  "seconds",
];

const MORE_IS_BETTER: readonly FigureKey[] = ["sqnrDb", "cosineSimilarity"];

/**
 * Trials that have the best value of a figure, by their ids. None where there is nothing to choose: fewer than two
 * results, or all the same.
 */
export function bestTrials(results: readonly TrialResult[], figure: FigureKey): ReadonlySet<string> {
  const finite = results.filter((result) => !Number.isNaN(result[figure]));
  const values = finite.map((result) => result[figure]);
  const best = MORE_IS_BETTER.includes(figure) ? Math.max(...values) : Math.min(...values);
  const winners = finite.filter((result) => result[figure] === best);
  return new Set(winners.length === results.length ? [] : winners.map(({ trial }) => trial));
}
