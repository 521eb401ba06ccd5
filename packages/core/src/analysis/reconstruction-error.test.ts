import { describe, expect, it } from "vitest";
import { allocateErrorStatistics } from "../backend/statistics-arrays.js";
import { normalWeights, REFERENCE } from "./array-checkpoint.fixture.js";
import { createReconstructionError, type ReconstructionError } from "./reconstruction-error.js";

function errorOf(
  w: Float32Array,
  approximation: Float32Array,
  columns: number,
  blockRows: number,
  worst?: number,
): ReconstructionError {
  const sum = createReconstructionError(columns, worst);
  for (let begin = 0; begin < w.length; begin += blockRows * columns) {
    const values = w.subarray(begin, begin + blockRows * columns);
    const rows = values.length / columns;
    const found = allocateErrorStatistics(rows);
    REFERENCE.errorStatistics({ values, rows, columns }, approximation.subarray(begin, begin + values.length), found);
    sum.add(found);
  }
  return sum.finish();
}

describe("createReconstructionError", () => {
  const w = normalWeights(40 * 25, 11);
  const approximation = w.map((value, i) => value + (i % 7 === 0 ? 0.01 : -0.001) * (1 + Math.floor(i / 25)));

  it("has the figures of the definition", () => {
    const found = errorOf(w, approximation, 25, 40);
    const sum = (of: (i: number) => number) => w.reduce((total, _, i) => total + of(i), 0);
    const noise = sum((i) => (w[i]! - approximation[i]!) ** 2);
    const signal = sum((i) => w[i]! ** 2);
    expect(found.meanSquaredError).toBeCloseTo(noise / 1000, 12);
    expect(found.relativeSquaredError / (noise / signal)).toBeCloseTo(1, 12);
    expect(found.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 9);
    expect(found.cosine).toBeCloseTo(
      sum((i) => w[i]! * approximation[i]!) / Math.sqrt(signal * sum((i) => approximation[i]! ** 2)),
      12,
    );
    expect(found.maximumError).toBeCloseTo(0.4, 2);
  });

  it("is the same for blocks of any size", () => {
    const whole = errorOf(w, approximation, 25, 40);
    for (const rows of [1, 3, 39]) expect(errorOf(w, approximation, 25, rows)).toEqual(whole);
  });

  it("lists the worst rows, the upper one first among equals", () => {
    const rows = Float32Array.of(1, 1, 1, 1, 1);
    const found = errorOf(rows, Float32Array.of(1, 0, 0.5, 0, 0.5), 1, 2, 4);
    expect(found.worstRows.map(({ row, relativeSquaredError }) => [row, relativeSquaredError])).toEqual([
      [1, 1],
      [3, 1],
      [2, 0.25],
      [4, 0.25],
    ]);
  });

  it("knows exact copies, zeros, and pairs that cannot be compared", () => {
    expect(errorOf(w, w, 25, 8)).toMatchObject({
      sqnrDb: Number.POSITIVE_INFINITY,
      relativeSquaredError: 0,
      maximumError: 0,
    });
    const zeros = new Float32Array(4);
    expect(errorOf(zeros, zeros, 2, 1)).toMatchObject({ cosine: 1, relativeSquaredError: 0 });
    expect(errorOf(zeros, Float32Array.of(1, 0, 0, 0), 2, 1)).toMatchObject({
      cosine: 0,
      relativeSquaredError: Number.POSITIVE_INFINITY,
    });
    const odd = errorOf(Float32Array.of(Number.NaN, 1), Float32Array.of(0, 3), 2, 1);
    expect(odd).toMatchObject({ nonFiniteCount: 1, meanSquaredError: 4 });
  });
});
