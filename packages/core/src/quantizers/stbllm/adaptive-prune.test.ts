import { describe, expect, it } from "vitest";
import { adaptivePrune, outlierPercent } from "./adaptive-prune.js";
import { weightImportance } from "./importance.js";

describe("weightImportance", () => {
  it("is (|w| / column sum + |w| / row sum) · √‖x‖", () => {
    const weights = { rows: 2, columns: 2, values: Float32Array.of(1, -3, 3, 0) };
    // Diagonal 16 and 81: ‖x‖ is 4 and 9, √‖x‖ is 2 and 3.
    const found = weightImportance(weights, Float64Array.of(16, 5, 81));
    const wanted = [(1 / 4 + 1 / 4) * 2, (3 / 3 + 3 / 4) * 3, (3 / 4 + 3 / 3) * 2, 0];
    wanted.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 6);
    });
  });

  it("takes rows and columns of zeros", () => {
    const weights = { rows: 1, columns: 2, values: new Float32Array(2) };
    expect([...weightImportance(weights, new Float64Array(3))]).toEqual([0, 0]);
  });
});

describe("outlierPercent", () => {
  it("counts over all layers of a block, against their common mean", () => {
    const layers = [Float32Array.of(1, 1, 1, 1, 1, 1), Float32Array.of(1, 20, 1, 12)];
    // The mean is 4: 12 is above 2 times, 20 above 4 times.
    expect(outlierPercent(layers, 2)).toBe(20);
    expect(outlierPercent(layers, 4)).toBe(10);
    expect(outlierPercent(layers, 6)).toBe(0);
    expect(outlierPercent([], 6)).toBe(0);
  });
});

describe("adaptivePrune", () => {
  it("prunes less where there are more outliers; an adjustment of 1 counts as 2", () => {
    // Stretched to 0 … 2: 2, 0.5, 0, 0, 0; less the mean of 0.5: 1.5 → 2, 0, −0.5 → 0 (half to even).
    expect(adaptivePrune([8, 2, 0, 0, 0], 4, 2)).toEqual([2, 4, 4, 4, 4]);
    // 2, 2, 0, 0 less 1: 1 → 2 and −1.
    expect(adaptivePrune([5, 5, 1, 1], 4, 2)).toEqual([2, 2, 5, 5]);
  });

  it("leaves blocks alone where the strength is the default of the released code's flag, or all are equal", () => {
    expect(adaptivePrune([5, 4, 1, 1], 4, 0.08)).toEqual([4, 4, 4, 4]);
    expect(adaptivePrune([3, 3, 3], 4, 2)).toEqual([4, 4, 4]);
    expect(adaptivePrune([], 4, 2)).toEqual([]);
  });

  it("stays within 0 and 7", () => {
    expect(adaptivePrune([9, 0], 1, 8)).toEqual([0, 5]);
    expect(adaptivePrune([9, 0], 6, 8)).toEqual([2, 7]);
  });
});
