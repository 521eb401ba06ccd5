import type { ValueTable } from "./value-table.js";

/** Shares at which `lowbit stats` prints quantiles. */
export const QUANTILE_SHARES: readonly number[] = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999];

/**
 * Quantile by linear interpolation between order statistics: position share · (n − 1), as numpy.quantile does.
 * NaN for an empty table.
 */
export function quantile(table: ValueTable, share: number): number {
  if (table.total === 0) return Number.NaN;
  const position = share * (table.total - 1);
  const below = Math.floor(position);
  const lower = orderStatistic(table, below);
  const rest = position - below;
  return rest === 0 ? lower : lower + rest * (orderStatistic(table, below + 1) - lower);
}

/** The value at `position` (0 … total − 1) of the sorted elements: the first whose cumulative count exceeds it. */
function orderStatistic({ values, cumulative }: ValueTable, position: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > position) high = middle;
    else low = middle + 1;
  }
  return values[low]!;
}
