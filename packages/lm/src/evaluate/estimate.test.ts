import { describe, expect, it } from "vitest";
import { exponential, quantile, WindowMean } from "./estimate.js";

describe("WindowMean", () => {
  it("is the standard deviation of the window means over √n for windows of equal length", () => {
    const mean = new WindowMean();
    for (const [window, values] of [
      [1, 3],
      [2, 6],
      [5, 7],
    ].entries())
      for (const value of values) mean.add(window, value);
    // Window means 2, 4, 6: deviation 2.
    expect(mean.estimate().mean).toBeCloseTo(4, 12);
    expect(mean.estimate().standardError).toBeCloseTo(2 / Math.sqrt(3), 12);
  });

  it("weights windows by their tokens", () => {
    const mean = new WindowMean();
    for (const value of [1, 1, 1]) mean.add(0, value);
    mean.add(1, 5);
    // Mean 2; Σ (sum − 2 · count)² = 9 + 9; √(2 · 18) / 4.
    expect(mean.estimate()).toEqual({ mean: 2, standardError: 1.5 });
  });

  it("knows no error of a single window", () => {
    const mean = new WindowMean();
    mean.add(0, 1.5);
    expect(mean.estimate()).toEqual({ mean: 1.5 });
    expect(exponential(mean.estimate())).toEqual({ mean: Math.exp(1.5) });
  });
});

it("exponential multiplies the error by the slope", () => {
  expect(exponential({ mean: 2, standardError: 0.1 }).standardError).toBeCloseTo(0.1 * Math.exp(2), 12);
});

it("quantile interpolates between neighbours", () => {
  const sorted = Float64Array.of(0, 10, 20, 30);
  expect([0, 0.5, 0.9, 1].map((share) => quantile(sorted, share))).toEqual([0, 15, 27, 30]);
  expect(quantile(Float64Array.of(7), 0.99)).toBe(7);
});
