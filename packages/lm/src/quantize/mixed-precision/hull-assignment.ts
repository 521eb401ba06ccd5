import { type LayerChoices, lowerHull } from "./layer-choices.js";

/** Assignment along the convex hulls of all layers. */
export interface HullAssignment {
  /** Index of a choice, one a layer. */
  readonly chosen: readonly number[];
  /** No assignment within the budget costs less: the optimum when layers may mix two choices. */
  readonly lowerBound: number;
  /** Cost that one more bit would save there; 0 where every layer has its best choice. */
  readonly savedPerBit: number;
}

interface Step {
  readonly layer: number;
  readonly to: number;
  readonly bits: number;
  readonly saved: number;
}

/**
 * Every layer starts with its fewest bits; then the steps along all hulls are taken in the order of what they save a bit,
 * until one does not fit. Where the budget ends with a step this is the optimum (Everett's theorem on Lagrange multipliers);
 * else it leaves a part of the budget. Equal savings: the earlier layer first.
 * @param budget bits, at least the fewest of all layers
 */
export function hullAssignment(layers: readonly LayerChoices[], budget: number): HullAssignment {
  const hulls = layers.map(({ choices }) => lowerHull(choices));
  const chosen = hulls.map((hull) => hull[0]!);
  let [bits, cost] = [0, 0];
  for (const [layer, { choices }] of layers.entries()) {
    bits += choices[chosen[layer]!]!.bits;
    cost += choices[chosen[layer]!]!.cost;
  }
  // Along one hull savings fall strictly, so sorting keeps the order of its steps.
  const steps = layers
    .flatMap(({ choices }, layer) =>
      hulls[layer]!.slice(1).map((to, index): Step => {
        const [before, after] = [choices[hulls[layer]![index]!]!, choices[to]!];
        return { layer, to, bits: after.bits - before.bits, saved: before.cost - after.cost };
      }),
    )
    .sort((a, b) => b.saved / b.bits - a.saved / a.bits || a.layer - b.layer);
  for (const step of steps) {
    if (bits + step.bits > budget) {
      const savedPerBit = step.saved / step.bits;
      return { chosen, lowerBound: cost - (budget - bits) * savedPerBit, savedPerBit };
    }
    chosen[step.layer] = step.to;
    bits += step.bits;
    cost -= step.saved;
  }
  return { chosen, lowerBound: cost, savedPerBit: 0 };
}
