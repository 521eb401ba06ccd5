import { createReferenceBackend } from "@lowbit/core/backend";
import { describe, expect, it } from "vitest";
import { Tensor } from "../../forward/tensor.js";
import { seededRandom } from "../../generate/random-source.js";
import { hessian, triangleLength } from "./hessian.js";

const backend = createReferenceBackend();
const FEATURES = 24;

function activations(tokens: number, seed: number): Tensor {
  const random = seededRandom(seed);
  const tensor = new Tensor(backend.allocate(tokens * FEATURES * 4), tokens, FEATURES);
  tensor.values.set(Float32Array.from({ length: tokens * FEATURES }, () => random() * 2 - 1));
  return tensor;
}

/** Smallest pivot of a Cholesky factorisation of the packed matrix with `ridge` on its diagonal, in f64. */
function smallestPivot(lower: ArrayLike<number>, size: number, ridge: number): number {
  const factor = new Float64Array(triangleLength(size));
  const at = (i: number, j: number): number => (i * (i + 1)) / 2 + j;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = lower[at(i, j)]! + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) rest -= factor[at(i, k)]! * factor[at(j, k)]!;
      if (i === j) smallest = Math.min(smallest, rest);
      factor[at(i, j)] = i === j ? Math.sqrt(Math.max(rest, 1e-300)) : rest / factor[at(j, j)]!;
    }
  }
  return smallest;
}

describe.each(["F32", "F64"] as const)("hessian in %s", (dtype) => {
  it("is (2 / samples) · Σ x·xᵀ over batches", () => {
    const sums = hessian.begin(FEATURES, dtype, backend);
    const batches = [activations(7, 1), activations(5, 2)];
    for (const x of batches) sums.add(x);
    const found = sums.finish(3, 12);
    for (let i = 0; i < FEATURES; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (const { values, rows } of batches) {
          for (let row = 0; row < rows; row++) sum += values[row * FEATURES + i]! * values[row * FEATURES + j]!;
        }
        expect(found[(i * (i + 1)) / 2 + j]).toBeCloseTo((sum * 2) / 3, dtype === "F64" ? 12 : 5);
      }
    }
  });

  it.each([10, 24, 100])("is positive semidefinite over %i tokens", (tokens) => {
    const sums = hessian.begin(FEATURES, dtype, backend);
    sums.add(activations(tokens, tokens));
    const found = sums.finish(1, tokens);
    const mean =
      Array.from({ length: FEATURES }, (_, i) => found[(i * (i + 3)) / 2]!).reduce((a, b) => a + b) / FEATURES;
    expect(smallestPivot(found, FEATURES, mean * 1e-5)).toBeGreaterThan(0);
    // With fewer tokens than features it is singular: without the ridge nothing is left in the last pivots.
    if (tokens < FEATURES) expect(smallestPivot(found, FEATURES, 0)).toBeLessThan(mean * 1e-5);
  });
});
