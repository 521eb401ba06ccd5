import type { LayerChoices } from "./layer-choices.js";

/** Lowest cost of all assignments within a budget, by trying every one. */
export function bruteForceCost(layers: readonly LayerChoices[], budget: number): number {
  const [first, ...rest] = layers;
  if (first === undefined) return budget >= 0 ? 0 : Number.POSITIVE_INFINITY;
  if (budget < 0) return Number.POSITIVE_INFINITY;
  return Math.min(...first.choices.map(({ bits, cost }) => cost + bruteForceCost(rest, budget - bits)));
}
