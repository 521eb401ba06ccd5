import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binary } from "../binary/binary.js";
import { expectDecoded, readGolden } from "../golden.fixture.js";
import { normalWeights, quantizeMatrix } from "../quantize-matrix.fixture.js";
import { binaryCoding } from "./binary-coding.js";

const golden = readGolden<{ planes: number; iterations: number; decoded: number[] }>(
  "./__golden__/alternating.json",
  import.meta.url,
);

describe("binaryCoding", () => {
  it.each(golden.cases)("agrees with numpy: $planes planes, $iterations rounds", ({ planes, iterations, decoded }) => {
    const given = { planes, iterations, group: golden.group, scaleDtype: "F32" };
    expectDecoded(quantizeMatrix(binaryCoding, given, golden.weights, golden.columns).decoded, decoded);
  });

  it("errs no more after one more round", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (weights, planes) => {
          fc.pre(weights.some((w) => Math.abs(w) > 1e-3));
          const values = Float32Array.from(weights);
          const noise = [0, 1, 2, 4, 8].map((iterations) => {
            const given = { planes, iterations, group: 16, scaleDtype: "F32" };
            return quantizeMatrix(binaryCoding, given, values, 20).relativeSquaredError;
          });
          // 1e-9: where the fit is exact, what is left is rounding.
          for (let i = 1; i < noise.length; i++)
            expect(noise[i]).toBeLessThanOrEqual(noise[i - 1]! * (1 + 1e-5) + 1e-9);
        },
      ),
    );
  });

  it("errs less with each plane", () => {
    const weights = normalWeights(8 * 512, 41);
    const errors = [1, 2, 3, 4].map(
      (planes) => quantizeMatrix(binaryCoding, { planes }, weights, 512).relativeSquaredError,
    );
    for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThan(0.5 * errors[i - 1]!);
  });

  it("without rounds is the residual binarization of the method binary", () => {
    const weights = normalWeights(5 * 172, 42);
    const greedy = quantizeMatrix(binaryCoding, { planes: 3, iterations: 0, group: 64 }, weights, 172);
    expect(greedy.terms).toEqual(quantizeMatrix(binary, { order: 3, group: 64 }, weights, 172).terms);
  });

  it("keeps the old scales where the planes depend on each other", () => {
    const weights = Float32Array.of(1, -1, 1, -1, 1, -1, 1, -1);
    const { decoded } = quantizeMatrix(binaryCoding, { planes: 3, group: "row" }, weights, 8);
    expect([...decoded]).toEqual([...weights]);
  });
});
