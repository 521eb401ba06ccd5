import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { expectDecoded, readGolden } from "../golden.fixture.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { binary } from "./binary.js";

const golden = readGolden<{ order: number; mean: boolean; decoded: number[] }>(
  "./__golden__/residual.json",
  import.meta.url,
);
const millionWeights = normalWeights(1 << 20, 21);
const smallFloats = fc.float({ min: -4, max: 4, noNaN: true });

describe("binary", () => {
  it.each(golden.cases)("agrees with torch: order $order, mean $mean", ({ order, mean, decoded }) => {
    const given = { order, mean, group: golden.group, scaleDtype: "F32" };
    expectDecoded(quantizeMatrix(binary, given, golden.weights, golden.columns).decoded, decoded);
  });

  // 1 − 2/π for one sign; the sign of the residual |w| − √(2/π) leaves 0.131 of a Gaussian.
  it.each([
    [1, 0.3634],
    [2, 0.131],
  ])("leaves the error that theory gives for Gaussian weights at order %i", (order, theory) => {
    const given = { order, group: "row" };
    const { relativeSquaredError } = quantizeMatrix(binary, given, millionWeights, 1 << 14);
    expect(Math.abs(relativeSquaredError / theory - 1)).toBeLessThan(0.01);
  });

  it("writes bit i of a row as the sign of column i, zeros of both signs as +", () => {
    fc.assert(
      fc.property(fc.array(smallFloats, { minLength: 1, maxLength: 40 }), (row) => {
        const [term] = quantizeMatrix(binary, { group: 7 }, Float32Array.from(row), row.length).terms;
        const { signs } = (term as Term<SignLayout>).arrays;
        row.forEach((w, i) => {
          expect((signs[i >> 3]! >> (i & 7)) & 1).toBe(w >= 0 ? 1 : 0);
        });
      }),
    );
  });

  it("errs no more with one more term", () => {
    fc.assert(
      fc.property(fc.array(smallFloats, { minLength: 60, maxLength: 60 }), fc.boolean(), (weights, mean) => {
        fc.pre(weights.some((w) => Math.abs(w) > 1e-3));
        const values = Float32Array.from(weights);
        const errors = [1, 2, 3, 4].map(
          (order) =>
            quantizeMatrix(binary, { order, mean, group: 8, scaleDtype: "F32" }, values, 20).relativeSquaredError,
        );
        for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThanOrEqual(errors[i - 1]! * (1 + 1e-5));
      }),
    );
  });

  it.each([
    [1, false],
    [1, true],
    [3, true],
  ])("finds one scale for the tensor that a row of all weights would find (order %i, mean %s)", (order, mean) => {
    const weights = normalWeights(40 * 172, 5).map((w) => w + 0.2);
    const tensor = quantizeMatrix(binary, { order, mean, group: "tensor", scaleDtype: "F32" }, weights, 172);
    const oneRow = quantizeMatrix(binary, { order, mean, group: "row", scaleDtype: "F32" }, weights, 40 * 172);
    tensor.terms.forEach((term, i) => {
      const found = loadScale((term as Term<SignLayout>).arrays.scale, "F32", 0);
      expect(found).toBeCloseTo(loadScale((oneRow.terms[i] as Term<SignLayout>).arrays.scale, "F32", 0), 5);
    });
    expect(tensor.relativeSquaredError).toBeCloseTo(oneRow.relativeSquaredError, 5);
  });

  it("codes zeros, single weights and scales below the storage dtype without NaN", () => {
    for (const value of [0, -0, 1e-30, 1e-44, 65504]) {
      for (const group of [1, 3, "row", "tensor"]) {
        const { decoded } = quantizeMatrix(
          binary,
          { order: 2, mean: true, group },
          new Float32Array(10).fill(value),
          5,
        );
        decoded.forEach((w) => {
          expect(w).toBeCloseTo(value, 6);
        });
      }
    }
  });

  it("gives a short last group its own scale", () => {
    const weights = Float32Array.of(1, -1, 1, -1, 5, -5);
    expect([...quantizeMatrix(binary, { group: 4 }, weights, 6).decoded]).toEqual([...weights]);
  });
});
