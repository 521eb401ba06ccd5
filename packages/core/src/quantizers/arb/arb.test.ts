import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectDecoded, readGolden } from "../golden.fixture.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { arb } from "./arb.js";

const golden = readGolden<{ variant: string; iterations: number; decoded: number[] }>(
  "./__golden__/alternating.json",
  import.meta.url,
);

describe("arb", () => {
  it.each(golden.cases)("agrees with numpy: $variant, $iterations rounds", ({ variant, iterations, decoded }) => {
    const given = { variant, iterations, group: golden.group, scaleDtype: "F32" };
    expectDecoded(quantizeMatrix(arb, given, golden.weights, golden.columns).decoded, decoded);
  });

  it.each(["first-order", "second-order", "row-column"])("errs no more after one more round: %s", (variant) => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 60, maxLength: 60 }), (weights) => {
        fc.pre(weights.some((w) => Math.abs(w) > 1e-3));
        const values = Float32Array.from(weights);
        const noise = [1, 2, 3, 5, 9].map((iterations) => {
          const given = { variant, iterations, group: "row", scaleDtype: "F32" };
          return quantizeMatrix(arb, given, values, 20).relativeSquaredError;
        });
        // 1e-9: where the fit is exact, what is left is rounding.
        for (let i = 1; i < noise.length; i++) expect(noise[i]).toBeLessThanOrEqual(noise[i - 1]! * (1 + 1e-5) + 1e-9);
      }),
    );
  });

  it("recovers two levels that are not symmetric", () => {
    const weights = Float32Array.from({ length: 64 }, (_, i) => (i % 4 === 0 ? 3 : -1));
    expect(quantizeMatrix(arb, { iterations: 50, scaleDtype: "F32" }, weights, 64).relativeSquaredError).toBeLessThan(
      1e-6,
    );
  });

  it("refuses groups for row-column", () => {
    expect(() => quantizeMatrix(arb, { variant: "row-column", group: 32 }, new Float32Array(64), 64)).toThrow(
      expect.objectContaining({ code: "options/conflict" }),
    );
  });

  it("codes zeros, single weights and scales below the storage dtype without NaN", () => {
    for (const variant of ["first-order", "second-order", "row-column"]) {
      for (const value of [0, -0, 1e-30, 1e-44, 1]) {
        const { decoded } = quantizeMatrix(arb, { variant }, new Float32Array(3).fill(value), 1);
        decoded.forEach((w) => {
          expect(w).toBeCloseTo(value, 6);
        });
      }
    }
  });

  it("fits columns of unequal size better with row-column than with rows alone", () => {
    const weights = normalWeights(64 * 96, 51).map((w, i) => w * (1 + 5 * ((i % 96) / 96)));
    const error = (variant: string): number => quantizeMatrix(arb, { variant }, weights, 96).relativeSquaredError;
    expect(error("row-column")).toBeLessThan(0.95 * error("first-order"));
  });
});
