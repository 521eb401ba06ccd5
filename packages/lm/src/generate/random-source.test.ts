import { describe, expect, it } from "vitest";
import { seededRandom, xoshiro128 } from "./random-source.js";

describe("xoshiro128", () => {
  it("gives the words of the authors' C code from state 1, 2, 3, 4", () => {
    const next = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });
});

describe("seededRandom", () => {
  it("gives the same numbers for the same seed, others for another", () => {
    const draw = (seed: number) => Array.from({ length: 4 }, seededRandom(seed));
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(draw(0)).not.toEqual(draw(Number.MAX_SAFE_INTEGER));
  });

  it("is uniform in [0, 1)", () => {
    const random = seededRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = random();
      expect(value >= 0 && value < 1).toBe(true);
      counts[Math.floor(value * 10)]!++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 0.999 quantile, 9 degrees of freedom
  });
});
