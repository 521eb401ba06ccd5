import { describe, expect, it } from "vitest";
import { lowerHull, undominated } from "./layer-choices.js";

const CHOICES = [
  { bits: 40, cost: 1 },
  { bits: 10, cost: 10 },
  { bits: 20, cost: 8 }, // above the line from 10 to 30 bits
  { bits: 30, cost: 2 },
  { bits: 35, cost: 2 }, // costs what 30 bits cost
  { bits: 10, cost: 12 },
];

describe("choices of a layer", () => {
  it("that another one beats are left out", () => expect(undominated(CHOICES)).toEqual([1, 2, 3, 0]));

  it("on the lower convex hull", () => expect(lowerHull(CHOICES)).toEqual([1, 3, 0]));

  it("on one line: the ends are enough", () => {
    const line = [1, 2, 3].map((bits) => ({ bits, cost: 6 - bits }));
    expect(lowerHull(line)).toEqual([0, 2]);
  });
});
