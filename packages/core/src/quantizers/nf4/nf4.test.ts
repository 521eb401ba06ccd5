import { describe, expect, it } from "vitest";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { NF4_TABLE, nf4 } from "./nf4.js";

/** Φ⁻¹(p) for p in [½, 1) by bisection on Φ, whose integral from 0 is summed by Simpson's rule. */
function normalQuantile(p: number): number {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const cumulative = (x: number) => {
    const step = x / 400;
    let sum = density(0) + density(x);
    for (let i = 1; i < 400; i++) sum += density(i * step) * (i % 2 === 1 ? 4 : 2);
    return 0.5 + (sum * step) / 3;
  };
  let low = 0;
  let high = 10;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}

describe("the table of nf4", () => {
  it("holds quantiles of the normal distribution: eight steps up, seven down, from probability 0.9677083", () => {
    const outermost = 0.9677083;
    const side = (steps: number) =>
      Array.from({ length: steps }, (_, i) => normalQuantile(outermost + ((0.5 - outermost) * i) / steps));
    const largest = normalQuantile(outermost);
    const table = [...side(7).map((q) => -q), 0, ...side(8).reverse()].map((q) => q / largest);
    expect(NF4_TABLE).toHaveLength(16);
    NF4_TABLE.forEach((value, code) => {
      expect(Math.abs(value - table[code]!)).toBeLessThan(2e-6);
    });
  });
});

describe("nf4", () => {
  const weights = normalWeights(64 * 4096, 7);

  // 60 000 groups in NumPy, f64, exact scales (seed 11, ± 0.3 %).
  it.each([
    [64, 0.008455],
    [128, 0.009143],
  ])("in groups of %i has the error on normal weights that theory expects", (group, expected) => {
    const { relativeSquaredError } = quantizeMatrix(nf4, { group }, weights, 4096);
    expect(Math.abs(relativeSquaredError / expected - 1)).toBeLessThan(0.01);
  });

  it("keeps the largest magnitude of a group and every 0, and takes the nearest value between", () => {
    const row = Float32Array.from([2, 0, -2, 0.5, -0, 0.17, -0.18, 1.6]);
    const { decoded } = quantizeMatrix(nf4, { group: 8, scaleDtype: "F32" }, row, 8);
    const nearest = row.map(
      (w) => 2 * NF4_TABLE.reduce((best, v) => (Math.abs(w / 2 - v) < Math.abs(w / 2 - best) ? v : best)),
    );
    expect(decoded).toEqual(nearest.map((value) => value + 0));
    expect([decoded[0], decoded[1], decoded[2]]).toEqual([2, 0, -2]);
  });

  it("decodes a group of zeros to zeros", () => {
    expect(quantizeMatrix(nf4, {}, new Float32Array(70), 70).decoded).toEqual(new Float32Array(70));
  });
});
