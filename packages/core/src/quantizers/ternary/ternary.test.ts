import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackTrits } from "../../bitpack/pack-trits.js";
import { loadScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { expectDecoded, readGolden } from "../golden.fixture.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { ternary } from "./ternary.js";

const golden = readGolden<{ rule: string; group: number | "tensor"; decoded: number[] }>(
  "./__golden__/rules.json",
  import.meta.url,
);
const RULES = ["absmean", "twn", "least-squares"] as const;
const millionWeights = normalWeights(1 << 20, 31);

function digitsOf(term: unknown, columns: number): number[] {
  const { layout, arrays } = term as Term<TernaryLayout>;
  const digits = new Uint8Array(columns);
  unpackTrits(arrays.digits, layout.packing, digits);
  return [...digits].map((digit) => digit - 1);
}

describe("ternary", () => {
  it.each(golden.cases)("agrees with torch: $rule, group $group", ({ rule, group, decoded }) => {
    const given = { rule, group, scaleDtype: "F32" };
    expectDecoded(quantizeMatrix(ternary, given, golden.weights, golden.columns).decoded, decoded);
  });

  // Of Gaussian weights, ∫ over the three cells; the least-squares level is 1.224 σ with threshold 0.612 σ.
  it.each([
    ["absmean", 0.2632],
    ["twn", 0.1908],
    ["least-squares", 0.1902],
  ])("leaves the error that theory gives for Gaussian weights: %s", (rule, theory) => {
    const { relativeSquaredError } = quantizeMatrix(ternary, { rule, group: "row" }, millionWeights, 1 << 14);
    expect(Math.abs(relativeSquaredError / theory - 1)).toBeLessThan(0.01);
  });

  it.each(RULES)("finds one level for the tensor that a row of all weights would find: %s", (rule) => {
    const weights = normalWeights(40 * 172, 34);
    const level = (group: string, columns: number): number => {
      const [term] = quantizeMatrix(ternary, { rule, group, scaleDtype: "F32" }, weights, columns).terms;
      return loadScale((term as Term<TernaryLayout>).arrays.scale, "F32", 0);
    };
    expect(Math.abs(level("tensor", 172) / level("row", 40 * 172) - 1)).toBeLessThan(1e-4);
  });

  it("comes within 1 % of the best of all levels and thresholds on Gaussian rows", () => {
    const weights = normalWeights(20 * 512, 32);
    const { decoded } = quantizeMatrix(
      ternary,
      { rule: "least-squares", group: "row", scaleDtype: "F32" },
      weights,
      512,
    );
    for (let row = 0; row < 20; row++) {
      const part = weights.subarray(row * 512, (row + 1) * 512);
      const noise = part.reduce((sum, w, i) => sum + (w - decoded[row * 512 + i]!) ** 2, 0);
      expect(noise).toBeLessThanOrEqual(1.01 * leastTernaryNoise(part));
    }
  });

  it("never errs more with the least-squares level than with TWN's", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 33, maxLength: 33 }), (row) => {
        fc.pre(row.some((w) => Math.abs(w) > 1e-3));
        const error = (rule: string): number =>
          quantizeMatrix(ternary, { rule, group: 16, scaleDtype: "F32" }, Float32Array.from(row), 33)
            .relativeSquaredError;
        expect(error("least-squares")).toBeLessThanOrEqual(error("twn") * (1 + 1e-6));
      }),
    );
  });

  it("stores the same digits in both packings, fewer bytes in base 3", () => {
    for (const rule of RULES) {
      const weights = normalWeights(172, 33);
      const [wide] = quantizeMatrix(ternary, { rule, group: 32, packing: "two-bit" }, weights, 172).terms;
      const [narrow] = quantizeMatrix(ternary, { rule, group: 32, packing: "base-3" }, weights, 172).terms;
      expect(digitsOf(narrow, 172)).toEqual(digitsOf(wide, 172));
      expect((wide as Term<TernaryLayout>).arrays.digits.byteLength).toBe(43);
      expect((narrow as Term<TernaryLayout>).arrays.digits.byteLength).toBe(35);
    }
  });

  it("rounds halves of the stored scale to 0", () => {
    // Mean |w| is 0.5 exactly, so ±0.25 lies half way between the digits.
    const weights = Float32Array.of(0.25, -0.25, 0.75, -0.75, 0.5, -0.5, 0.2500001, 0.7499999);
    const [term] = quantizeMatrix(ternary, { group: "row" }, weights, 8).terms;
    expect(loadScale((term as Term<TernaryLayout>).arrays.scale, "F16", 0)).toBe(0.5);
    expect(digitsOf(term, 8)).toEqual([0, 0, 1, -1, 1, -1, 1, 1]);
  });

  it("codes zeros, single weights and levels below the storage dtype as finite numbers", () => {
    for (const value of [0, -0, 1e-30, 1e-44, 1e-6]) {
      for (const rule of RULES) {
        for (const group of [1, 3, "row", "tensor"]) {
          const { decoded } = quantizeMatrix(ternary, { rule, group }, new Float32Array(10).fill(value), 5);
          decoded.forEach((w) => {
            expect(Math.abs(w - value)).toBeLessThanOrEqual(1.1e-6);
          });
        }
      }
    }
  });
});

/** Over every number m of weights that are not 0: Σw² − (Σ of the m largest |w|)² / m. */
function leastTernaryNoise(values: Float32Array): number {
  const magnitudes = [...values].map(Math.abs).sort((a, b) => b - a);
  const power = magnitudes.reduce((sum, a) => sum + a * a, 0);
  let prefix = 0;
  return Math.min(
    ...magnitudes.map((a, i) => {
      prefix += a;
      return power - prefix ** 2 / (i + 1);
    }),
  );
}
