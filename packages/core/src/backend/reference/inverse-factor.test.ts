import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { inverseFactor } from "./inverse-factor.js";

const golden = JSON.parse(readFileSync(new URL("__golden__/inverse-factor.json", import.meta.url), "utf8")) as {
  size: number;
  hessian: number[];
  factor: number[];
};

describe("inverseFactor", () => {
  it("is the upper Cholesky factor of the inverse as numpy has it", () => {
    const { size, hessian, factor } = golden;
    const target = new Float32Array(size * size);
    expect(inverseFactor(Float64Array.from(hessian), size, target)).toBe(-1);
    expect(factor.length).toBe(size * size);
    target.forEach((value, i) => {
      expect(Math.abs(value - factor[i]!)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(factor[i]!)));
    });
  });

  it("passes the error of a column on as the inverse says", () => {
    // H = [[2, 1], [1, 2]]: H⁻¹ = [[2, −1], [−1, 2]] / 3, U = [[√(2/3), −1/√6], [0, √(1/2)]].
    const target = new Float32Array(4);
    inverseFactor(Float64Array.of(2, 1, 1, 2), 2, target);
    const wanted = [Math.sqrt(2 / 3), -1 / Math.sqrt(6), 0, Math.SQRT1_2];
    expect([...target]).toEqual(wanted.map(Math.fround));
  });
});
