import { describe, expect, it } from "vitest";
import { unpackCodes } from "../../bitpack/unpack-codes.js";
import { storedBitsPerWeight } from "../../terms/bits-per-weight.js";
import { readScales } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { normalWeights, quantizeMatrix, studentWeights } from "../quantize-matrix.fixture.js";
import { resolveOptions } from "../resolve-options.js";
import { rtn } from "../rtn/rtn.js";
import { db } from "./db.js";

function planesAndScales(terms: readonly Term[], columns: number) {
  return (terms as readonly Term<SignLayout>[]).map(({ arrays, layout }) => {
    const plane = new Uint8Array(columns);
    unpackCodes(arrays.signs, 1, columns, plane);
    return { plane: [...plane], scales: [...readScales(arrays.scale, layout.scaleDtype)] };
  });
}

describe("db without iterations: the level map of the paper", () => {
  // Range −1 … 2, so s = 1: below −0.5 is −1, up to 0.5 is 0, up to 1.5 is 1, beyond is 2.
  const weights = Float32Array.of(-1, -0.75, -0.51, -0.49, 0, 0.49, 0.51, 1, 1.49, 1.51, 2, 1.9);
  const { terms, decoded } = quantizeMatrix(db, { iterations: 0, group: 12 }, weights, 12);

  it("gives the levels −s, 0, s and 2s", () => {
    expect([...decoded]).toEqual([-1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it("is stored as 2s · b₁ − s · b₂ with planes of 0 and 1", () => {
    expect(planesAndScales(terms, 12)).toEqual([
      { plane: [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], scales: [2] },
      { plane: [1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0], scales: [-1] },
    ]);
  });
});

describe.each([
  ["normal", normalWeights(16 * 256, 21)],
  ["Student", studentWeights(16 * 256, 22)],
])("db on %s weights", (_, weights) => {
  const error = (given: object, method = db) =>
    quantizeMatrix(method, given as never, weights, 256).relativeSquaredError;

  it("is far better after least squares, and better than a 2-bit grid of the same size", () => {
    expect(error({})).toBeLessThan(0.6 * error({ iterations: 0 }));
    expect(error({})).toBeLessThan(
      0.7 * quantizeMatrix(rtn, { bits: 2, group: 64 }, weights, 256).relativeSquaredError,
    );
  });

  it("never loses by more iterations", () => {
    const errors = [0, 1, 2, 4, 8, 16, 32].map((iterations) => error({ iterations, scaleDtype: "F32" }));
    errors.slice(1).forEach((now, i) => {
      expect(now).toBeLessThanOrEqual(errors[i]! * (1 + 1e-6));
    });
  });
});

it("db finds levels again that lie to either side of 0", () => {
  for (const levels of [
    [-0.5, 0, 0.5, 1],
    [-1, -0.5, 0, 0.5],
    [-0.75, 0, 0.5, -0.25],
  ]) {
    const weights = Float32Array.from({ length: 64 }, (_, i) => levels[(i * 7) % 4]!);
    expect([...quantizeMatrix(db, {}, weights, 64).decoded]).toEqual([...weights]);
  }
});

it("db keeps groups of zeros and of one value", () => {
  const weights = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : 0.25));
  const { decoded } = quantizeMatrix(db, { group: 32 }, weights, 64);
  expect([...decoded]).toEqual([...weights]);
});

it("db takes 2 + 32 / group bits a weight", () => {
  const shape = { rows: 32, columns: 256 };
  const options = resolveOptions(db, {});
  expect(storedBitsPerWeight(shape, db.layout(shape, options))).toBe(2.5);
  expect(db.claimedBitsPerWeight(shape, options)).toBe(2.5);
  expect(storedBitsPerWeight(shape, db.layout(shape, { ...options, group: 128 }))).toBe(2.25);
});
