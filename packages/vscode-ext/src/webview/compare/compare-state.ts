import type { CompareSortKey } from "../../protocol/compare-messages.js";

/** What the page keeps: how the table is shown, and whether measuring was stopped. */
export interface CompareState {
  readonly sort: CompareSortKey;
  readonly descending: boolean;
  readonly filter: string;
  /** First line in view. */
  readonly firstLine: number;
  /** True where the user stopped measuring: it is not begun again by itself. */
  readonly isStopped: boolean;
}

export const SORT_KEYS: readonly CompareSortKey[] = [
  "name",
  "sqnrDb",
  "relativeError",
  "cosineSimilarity",
  "meanSquaredError",
];

/** State of an earlier session, as far as it is of this shape. */
export function parseCompareState(kept: unknown): CompareState {
  const record = typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>) : {};
  const { sort, descending, filter, firstLine, isStopped } = record;
  return {
    sort: SORT_KEYS.find((key) => key === sort) ?? "name",
    descending: descending === true,
    filter: typeof filter === "string" ? filter : "",
    firstLine: Number.isSafeInteger(firstLine) && (firstLine as number) >= 0 ? (firstLine as number) : 0,
    isStopped: isStopped === true,
  };
}

/** After a click on a column's head: the worst first, then the other way round; names from a to z first. */
export function sortedBy(state: CompareState, key: CompareSortKey): CompareState {
  const descending = state.sort === key ? !state.descending : worstIsHighest(key);
  return { ...state, sort: key, descending, firstLine: 0 };
}

function worstIsHighest(key: CompareSortKey): boolean {
  return key === "relativeError" || key === "meanSquaredError";
}
