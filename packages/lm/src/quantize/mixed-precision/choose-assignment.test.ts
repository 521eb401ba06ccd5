import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bruteForceCost } from "./brute-force.fixture.js";
import { chooseAssignment, reachableBits } from "./choose-assignment.js";
import { hullAssignment } from "./hull-assignment.js";
import type { LayerChoices } from "./layer-choices.js";

const choice = fc.record({ bits: fc.integer({ min: 1, max: 400 }), cost: fc.integer({ min: 0, max: 1000 }) });
const layers = fc.array(
  fc.record({
    name: fc.constant("layer"),
    weights: fc.integer({ min: 1, max: 100 }),
    choices: fc.array(choice, { minLength: 1, maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 5 },
);

function weightsOf(all: readonly LayerChoices[]): number {
  return all.reduce((sum, { weights }) => sum + weights, 0);
}

/** Layers of a model: bits 2 to 8 in groups, costs that fall four times a bit, each layer with its own sensitivity. */
function modelLayers(count: number, seed: number, extraBits = (_choice: number) => 0): LayerChoices[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from({ length: count }, (_, index) => {
    const weights = 4096 * (1 + Math.floor(random() * 8));
    const sensitivity = Math.exp(4 * random());
    const choices = [2, 3, 4, 5, 6, 8].flatMap((bits) =>
      [32, 64, 128].map((group, at) => ({
        bits: weights * bits + (weights / group) * (16 + bits) + extraBits(at),
        cost: sensitivity * weights * 4 ** -bits * (0.8 + 0.1 * at + 0.05 * random()),
      })),
    );
    return { name: `layer ${index}`, weights, choices };
  });
}

describe("chooseAssignment", () => {
  it("costs what the best of all assignments costs", () => {
    fc.assert(
      fc.property(layers, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const { lowest, highest } = reachableBits(all);
        const target = Math.min(lowest * 1.000001 + share * (highest - lowest), highest * 1.000001);
        const budget = target * weightsOf(all);
        const { cost, bits, lowerBound, chosen } = chooseAssignment(all, target);
        expect(cost).toBe(bruteForceCost(all, budget));
        expect(bits).toBeLessThanOrEqual(budget);
        expect(lowerBound).toBeLessThanOrEqual(cost + 1e-9);
        expect(cost).toBe(chosen.reduce((sum, index, layer) => sum + all[layer]!.choices[index]!.cost, 0));
      }),
    );
  });

  it.each([
    { name: "bits that follow from shapes", extra: () => 0 },
    { name: "bits that follow from the data", extra: (at: number) => 8 * (3 + 97 * at) },
  ])("is within half a percent of the budget and near the bound: $name", { timeout: 30_000 }, ({ extra }) => {
    const all = modelLayers(28, 7, extra);
    for (const target of [2.3, 3.1, 5]) {
      const { bitsPerWeight, cost, lowerBound } = chooseAssignment(all, target);
      expect(bitsPerWeight).toBeLessThanOrEqual(target);
      expect(bitsPerWeight).toBeGreaterThan(target * 0.995);
      expect(cost).toBeLessThan(lowerBound * 1.01);
    }
  });

  it("is the optimum of the hulls where the budget ends with one of their steps", () => {
    const all = modelLayers(20, 3);
    const weights = weightsOf(all);
    const { chosen } = hullAssignment(all, 3 * weights);
    const bits = chosen.reduce((sum, index, layer) => sum + all[layer]!.choices[index]!.bits, 0);
    const found = chooseAssignment(all, bits / weights);
    expect(found.cost).toBeCloseTo(found.lowerBound, 9);
  });

  it("prefers fewer bits, and then the earlier choice, at equal cost", () => {
    const choices = [
      { bits: 30, cost: 5 },
      { bits: 20, cost: 5 },
      { bits: 20, cost: 5 },
      { bits: 10, cost: 9 },
    ];
    const all = [{ name: "a", weights: 10, choices }];
    expect(chooseAssignment(all, 2).chosen).toEqual([1]);
    expect(chooseAssignment(all, 1.9).chosen).toEqual([3]);
  });

  it("gives the same assignment for equal layers every time, the earlier ones first", () => {
    const choices = [
      { bits: 10, cost: 4 },
      { bits: 20, cost: 1 },
    ];
    const all = ["a", "b", "c"].map((name) => ({ name, weights: 10, choices }));
    const first = chooseAssignment(all, 4 / 3);
    expect(first.chosen.filter((index) => index === 1)).toHaveLength(1);
    expect(chooseAssignment(all, 4 / 3)).toEqual(first);
  });

  it.each([1.9, 8.8, Number.NaN, -1])("refuses %d bits and names the range", (target) => {
    const all = modelLayers(5, 1);
    const { lowest, highest } = reachableBits(all);
    expect(() => chooseAssignment(all, target)).toThrow(
      expect.objectContaining({
        code: "quantize/target-out-of-reach",
        facts: { target, lowest, highest },
      }),
    );
  });

  it("names one figure where the candidates store the same bits", () => {
    const all = [{ name: "a", weights: 1000, choices: [{ bits: 4374.4, cost: 1 }] }];
    expect(() => chooseAssignment(all, 3)).toThrow("the candidates reach 4.375 only.");
  });

  it("takes every target between the ends, and both ends", () => {
    const all = modelLayers(5, 1);
    const { lowest, highest } = reachableBits(all);
    expect(chooseAssignment(all, Math.ceil(lowest * 1000) / 1000).bitsPerWeight).toBeCloseTo(lowest, 2);
    expect(chooseAssignment(all, highest).bitsPerWeight).toBe(highest);
    expect(chooseAssignment(all, highest * 1.004).bitsPerWeight).toBe(highest);
  });
});
