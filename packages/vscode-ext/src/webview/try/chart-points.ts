import type { TrialResult } from "../../protocol/trial-messages.js";
import type { ChartPoint } from "./bits-chart.js";
import type { TrialCard, TrialSetting } from "./trial-board.js";

/** "A" for the first card, "B" for the second: its name in chart and list. */
export function letterOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

export function finishedResults(cards: readonly TrialCard[]): readonly TrialResult[] {
  return cards.flatMap(({ phase, result }) => (phase === "done" && result !== undefined ? [result] : []));
}

/** A point for every card that has a result. */
export function chartPoints(
  cards: readonly TrialCard[],
  labelOf: (setting: TrialSetting) => string,
): readonly ChartPoint[] {
  return cards.flatMap(({ phase, result, setting, isPinned }, index) => {
    if (phase !== "done" || result === undefined) return [];
    const { storedBitsPerWeight: bits, sqnrDb } = result;
    return [{ letter: letterOf(index), label: labelOf(setting), bits, sqnrDb, isCurrent: !isPinned }];
  });
}
