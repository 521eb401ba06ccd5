import { describe, expect, it } from "vitest";
import { checkFinite } from "./check-finite.js";

describe("checkFinite", () => {
  it.each([0, 1, 3, 4, 5, 11])("takes %i finite values, extremes among them", (length) => {
    const extremes = [3.4e38, -3.4e38, 1e-45, -0];
    expect(() =>
      checkFinite(
        Float32Array.from({ length }, (_, i) => extremes[i % 4]!),
        "x",
      ),
    ).not.toThrow();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("finds %d at every place", (value) => {
    for (let place = 0; place < 11; place++) {
      const values = new Float64Array(11).fill(1);
      values[place] = value;
      expect(() => checkFinite(values, "The input of q")).toThrow(`The input of q holds ${value}; all must be finite.`);
    }
  });
});
