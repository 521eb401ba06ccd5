import { describe, expect, it } from "vitest";
import type { AffineLayout } from "../terms/affine.js";
import { bitsPerWeight, keptSize, modelSize, quantizedSize } from "./bits-per-weight.js";

const layout: AffineLayout = {
  kind: "affine",
  rows: 10,
  columns: 172,
  bits: 4,
  granularity: "group",
  groupSize: 64,
  zero: "minimum",
  scaleDtype: "F16",
};

describe("quantizedSize", () => {
  it("counts codes, scales and minimums, a short last group like a whole one", () => {
    // 86 bytes of codes, and 3 groups with a scale and a minimum of 2 bytes, a row.
    const size = quantizedSize([10, 172], [layout], 4.5);
    expect(size).toEqual({ weights: 1720, storedBytes: 10 * (86 + 12), claimedBitsPerWeight: 4.5, isQuantized: true });
  });
});

describe("modelSize", () => {
  it("adds up quantized and kept tensors, claims by weights", () => {
    const found = modelSize([quantizedSize([10, 172], [layout], 4.5), keptSize([280], "BF16"), keptSize([], "F32")]);
    expect(found.quantized).toEqual({
      tensors: 1,
      weights: 1720,
      storedBytes: 980,
      storedBitsPerWeight: (980 * 8) / 1720,
      claimedBitsPerWeight: 4.5,
    });
    expect(found.kept).toMatchObject({ tensors: 2, weights: 281, storedBytes: 564 });
    expect(found.all).toMatchObject({
      tensors: 3,
      weights: 2001,
      storedBytes: 1544,
      storedBitsPerWeight: (1544 * 8) / 2001,
    });
    expect(found.all.claimedBitsPerWeight).toBeCloseTo((1720 * 4.5 + 280 * 16 + 32) / 2001, 12);
  });

  it("has no bits without weights and refuses negative sizes", () => {
    expect(modelSize([]).all.storedBitsPerWeight).toBe(0);
    expect(() => bitsPerWeight(-1, 5)).toThrow(expect.objectContaining({ code: "analysis/invalid-option" }));
  });
});
