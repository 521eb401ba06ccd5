import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import type { AffineLayout } from "../../terms/affine.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { normalWeights, quantizeMatrix, studentWeights } from "../quantize-matrix.fixture.js";
import { rtn } from "../rtn/rtn.js";
import { hqq } from "./hqq.js";

describe("hqq beside an independent solver", () => {
  interface GoldenCase {
    readonly bits: number;
    readonly group: number;
    readonly weights: readonly number[];
    readonly zeroPoints: readonly number[];
    readonly codes: readonly number[];
  }
  const golden = JSON.parse(readFileSync(new URL("__golden__/solver.json", import.meta.url), "utf8")) as {
    readonly cases: readonly GoldenCase[];
  };

  it.each(golden.cases.map((it) => [it.bits, it] as const))(
    "finds the same zero points and codes at %i bits",
    (bits, { group, weights, zeroPoints, codes }) => {
      const { terms } = quantizeMatrix(
        hqq,
        { bits, group, scaleDtype: "F32" },
        Float32Array.from(weights),
        weights.length,
      );
      const { arrays } = terms[0] as Term<AffineLayout>;
      const found = new Uint8Array(codes.length);
      unpackCodes(arrays.codes, bits, codes.length, found);
      expect([...found]).toEqual(codes);
      readScales(arrays.zeroPoint!, "F32").forEach((zeroPoint, i) => {
        expect(Math.abs(zeroPoint - zeroPoints[i]!)).toBeLessThan(1e-5);
      });
    },
  );
});

const MATRICES = {
  "normal weights": normalWeights(8 * 1024, 3),
  "normal weights of a model's size": normalWeights(8 * 1024, 4).map((w) => 0.02 * w),
  "Student weights": studentWeights(8 * 1024, 5),
};

describe.each(Object.entries(MATRICES))("hqq on %s", (_, weights) => {
  it.each([
    [2, 64],
    [2, 128],
    [3, 64],
    [3, 128],
    [4, 64],
    [4, 128],
  ])("at %i bits and groups of %i loses no more than rtn", (bits, group) => {
    const error = quantizeMatrix(hqq, { bits, group }, weights, 1024).relativeSquaredError;
    for (const zero of ["symmetric", "integer", "float", "minimum"]) {
      const rival = quantizeMatrix(rtn, { bits, group, zero }, weights, 1024).relativeSquaredError;
      expect(error).toBeLessThanOrEqual(rival);
    }
  });

  it("is nowhere worse than its start, group by group", () => {
    const start = quantizeMatrix(hqq, { bits: 2, iterations: 0 }, weights, 1024).decoded;
    const end = quantizeMatrix(hqq, { bits: 2 }, weights, 1024).decoded;
    for (let begin = 0; begin < weights.length; begin += 64) {
      const group = Array.from({ length: 64 }, (_, i) => begin + i);
      const before = group.reduce((sum, i) => sum + (weights[i]! - start[i]!) ** 2, 0);
      const after = group.reduce((sum, i) => sum + (weights[i]! - end[i]!) ** 2, 0);
      expect(after).toBeLessThanOrEqual(before * (1 + 1e-6));
    }
  });
});

it("hqq without iterations takes the better of a float and an integer zero point in each group", () => {
  const weights = normalWeights(4 * 256, 6);
  const start = quantizeMatrix(hqq, { bits: 3, iterations: 0 }, weights, 256).decoded;
  const float = quantizeMatrix(rtn, { bits: 3, zero: "float" }, weights, 256).decoded;
  const integer = quantizeMatrix(rtn, { bits: 3, zero: "integer" }, weights, 256).decoded;
  const chosen = new Set<Float32Array>();
  for (let begin = 0; begin < weights.length; begin += 64) {
    const error = (decoded: Float32Array) =>
      weights.subarray(begin, begin + 64).reduce((sum, w, i) => sum + (w - decoded[begin + i]!) ** 2, 0);
    const better = error(integer) < error(float) ? integer : float;
    chosen.add(better);
    expect(start.subarray(begin, begin + 64)).toEqual(better.subarray(begin, begin + 64));
  }
  expect(chosen.size).toBe(2);
});
