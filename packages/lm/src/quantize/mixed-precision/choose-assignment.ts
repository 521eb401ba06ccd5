import { LowbitError } from "@lowbit/core/errors";
import { hullAssignment } from "./hull-assignment.js";
import { type LayerChoices, undominated } from "./layer-choices.js";
import { tableAssignment } from "./table-assignment.js";

/** One choice for every layer. */
export interface Assignment {
  /** Index into the choices of the layer, one a layer. */
  readonly chosen: readonly number[];
  /** Stored bits of all layers. */
  readonly bits: number;
  readonly bitsPerWeight: number;
  /** Sum of the costs. */
  readonly cost: number;
  /** No assignment within the budget costs less than this. */
  readonly lowerBound: number;
  /** Cost that one more bit would save. */
  readonly savedPerBit: number;
}

/** Bits per weight that assignments can have: with the fewest bits, and with the most that lower the cost. */
export interface BitsRange {
  readonly lowest: number;
  readonly highest: number;
}

export function reachableBits(layers: readonly LayerChoices[]): BitsRange {
  let [fewest, most, weights] = [0, 0, 0];
  for (const layer of layers) {
    const kept = undominated(layer.choices);
    fewest += layer.choices[kept[0]!]!.bits;
    most += layer.choices[kept.at(-1)!]!.bits;
    weights += layer.weights;
  }
  return { lowest: fewest / weights, highest: most / weights };
}

/** How far below the target the highest reachable bits may lie. */
const TOLERANCE = 0.005;

/**
 * The choice for every layer that makes the sum of costs lowest while the stored bits of all layers stay within
 * `targetBitsPerWeight` times their weights: the better of the assignment on the convex hulls and the one by dynamic
 * programming, then single changes that still fit. The same layers give the same assignment.
 * @throws `quantize/target-out-of-reach` below the fewest bits, or where the most lie over 0.5 % below the target
 */
export function chooseAssignment(layers: readonly LayerChoices[], targetBitsPerWeight: number): Assignment {
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  const { lowest, highest } = reachableBits(layers);
  const budget = targetBitsPerWeight * weights;
  // Written so that NaN is refused too.
  if (!(lowest * weights <= budget) || highest < targetBitsPerWeight * (1 - TOLERANCE)) {
    throw new LowbitError(
      "quantize/target-out-of-reach",
      `The target is ${targetBitsPerWeight} bits per weight; the candidates reach ${reach(lowest, highest)}.`,
      { target: targetBitsPerWeight, lowest, highest },
    );
  }
  const hull = hullAssignment(layers, budget);
  const found = [hull.chosen, tableAssignment(layers, budget)].map((chosen) => spendRest(layers, chosen, budget));
  const [first, second] = found.map((chosen) => total(layers, chosen));
  const isFirst = first!.cost < second!.cost || (first!.cost === second!.cost && first!.bits <= second!.bits);
  const { bits, cost } = isFirst ? first! : second!;
  return {
    chosen: isFirst ? found[0]! : found[1]!,
    bits,
    bitsPerWeight: bits / weights,
    cost,
    lowerBound: Math.min(hull.lowerBound, cost),
    savedPerBit: hull.savedPerBit,
  };
}

/** Single changes that save most and still fit, one after the other. Equal savings: fewer bits, then the earlier layer. */
function spendRest(layers: readonly LayerChoices[], start: readonly number[], budget: number): readonly number[] {
  const chosen = [...start];
  for (let { bits } = total(layers, chosen); ; ) {
    let [bestLayer, bestChoice, bestSaved, bestBits] = [-1, -1, 0, 0];
    for (const [layer, { choices }] of layers.entries()) {
      const now = choices[chosen[layer]!]!;
      for (const [choice, { bits: then, cost }] of choices.entries()) {
        const [more, saved] = [then - now.bits, now.cost - cost];
        if (bits + more > budget || saved <= 0 || saved < bestSaved) continue;
        if (saved === bestSaved && more >= bestBits) continue;
        [bestLayer, bestChoice, bestSaved, bestBits] = [layer, choice, saved, more];
      }
    }
    if (bestLayer < 0) return chosen;
    chosen[bestLayer] = bestChoice;
    bits += bestBits;
  }
}

function total(layers: readonly LayerChoices[], chosen: readonly number[]): { bits: number; cost: number } {
  let [bits, cost] = [0, 0];
  for (const [layer, { choices }] of layers.entries()) {
    bits += choices[chosen[layer]!]!.bits;
    cost += choices[chosen[layer]!]!.cost;
  }
  return { bits, cost };
}

/** Three decimals, the lower end never below its value: a target that is typed from the message is accepted. */
function reach(lowest: number, highest: number): string {
  const from = (Math.ceil(lowest * 1000) / 1000).toFixed(3);
  return lowest === highest ? `${from} only` : `${from} to ${highest.toFixed(3)}`;
}
