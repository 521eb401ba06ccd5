import fc from "fast-check";
import { expect, it } from "vitest";
import { kthLargest } from "./kth-largest.js";

it("kthLargest agrees with sorting, with ties and infinities too", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), fc.nat(), (values, seed) => {
      const k = 1 + (seed % values.length);
      const sorted = values.toSorted((a, b) => b - a);
      expect(kthLargest(Float64Array.from(values), k) === sorted[k - 1]).toBe(true);
    }),
  );
});
