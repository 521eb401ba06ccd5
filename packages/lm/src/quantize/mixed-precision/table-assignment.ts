import { type LayerChoices, undominated } from "./layer-choices.js";

/** Places of the table: 2^16 for budgets that are no multiple of a larger unit. */
const MOST_UNITS = 65536;

/**
 * The cheapest assignment within a budget, off the convex hulls too, by dynamic programming over bits (multiple-choice
 * knapsack). Exact where the differences of bits have a common divisor of at least budget / 65536, which holds for methods
 * whose bits follow from shapes alone; else differences are rounded up to such units, so that the budget is never exceeded.
 * Equal costs: fewer bits in later layers.
 * @param budget bits, at least the fewest of all layers
 * @returns index of a choice, one a layer
 */
export function tableAssignment(layers: readonly LayerChoices[], budget: number): readonly number[] {
  const kept = layers.map(({ choices }) => undominated(choices));
  const above = layers.map(({ choices }, layer) =>
    kept[layer]!.map((choice) => choices[choice]!.bits - choices[kept[layer]![0]!]!.bits),
  );
  const fewest = layers.reduce((sum, { choices }, layer) => sum + choices[kept[layer]![0]!]!.bits, 0);
  const most = above.reduce((sum, differences) => sum + differences.at(-1)!, 0);
  const free = Math.min(budget - fewest, most);
  const divisor = above.flat().reduce(greatestCommonDivisor, 0) || 1;
  const unit = divisor * Math.max(1, Math.ceil(free / (divisor * MOST_UNITS)));
  const size = Math.floor(free / unit) + 1;

  let best: Float64Array = new Float64Array(size);
  const picks = layers.map(({ choices }, layer) => {
    const next = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    const pick = new Uint16Array(size);
    for (const [at, choice] of kept[layer]!.entries()) {
      improve(best, next, pick, at, choices[choice]!.cost, Math.ceil(above[layer]![at]! / unit));
    }
    best = next;
    return pick;
  });
  const chosen = new Array<number>(layers.length);
  for (let layer = layers.length - 1, left = size - 1; layer >= 0; layer--) {
    const at = picks[layer]![left]!;
    chosen[layer] = kept[layer]![at]!;
    left -= Math.ceil(above[layer]![at]! / unit);
  }
  return chosen;
}

/** Takes choice `at` for every number of units with which it costs less than the choices before it. */
function improve(
  best: Float64Array,
  next: Float64Array,
  pick: Uint16Array,
  at: number,
  cost: number,
  units: number,
): void {
  for (let used = units; used < next.length; used++) {
    const total = best[used - units]! + cost;
    if (total < next[used]!) {
      next[used] = total;
      pick[used] = at;
    }
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}
