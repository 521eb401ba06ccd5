import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { markLargest } from "./mark-largest.js";

/** By sorting: largest first, of equal ones the first. */
function bySorting(scores: Float32Array, count: number): Uint8Array {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  const marked = new Uint8Array(scores.length);
  for (const i of order.slice(0, count)) marked[i] = 1;
  return marked;
}

describe("markLargest", () => {
  it("marks what sorting finds, exactly as many as asked", () => {
    const score = fc.oneof(fc.float({ min: 0, noNaN: true }), fc.constantFrom(0, 1, 1, 2, 1e-45, 3.4e38));
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const scores = Float32Array.from(values);
        const count = Math.round(share * scores.length);
        expect(markLargest(scores, count)).toEqual(bySorting(scores, count));
      }),
    );
  });

  it("is exact where many scores are equal", () => {
    const scores = normalWeights(5000, 3).map((w) => Math.round(Math.abs(w)));
    for (const count of [0, 1, 17, 2500, 4999, 5000])
      expect(markLargest(scores, count)).toEqual(bySorting(scores, count));
  });

  it("takes a view that does not begin where its memory does", () => {
    const scores = Float32Array.of(9, 1, 3, 2).subarray(1);
    expect(markLargest(scores, 1)).toEqual(Uint8Array.of(0, 1, 0));
  });
});
