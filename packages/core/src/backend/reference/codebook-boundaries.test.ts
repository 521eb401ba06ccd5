import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codebookBoundaries, nearestCode } from "./codebook-boundaries.js";

const value = fc.float({ min: -2, max: 2, noNaN: true });

describe("nearestCode", () => {
  it("finds a value that no other value of the table beats, in tables of any order", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 2, maxLength: 16 }),
        fc.float({ min: -3, max: 3, noNaN: true }),
        (table, x) => {
          const code = nearestCode(codebookBoundaries(Float32Array.from(table)), x);
          const distance = Math.abs(x - table[code]!);
          for (const other of table) expect(distance).toBeLessThanOrEqual(Math.abs(x - other) * (1 + 1e-12));
        },
      ),
    );
  });

  it("gives a midpoint to the lower of the two codes, in either order of their values", () => {
    expect(nearestCode(codebookBoundaries(Float32Array.of(-1, 1)), 0)).toBe(0);
    expect(nearestCode(codebookBoundaries(Float32Array.of(1, -1)), 0)).toBe(0);
    expect(nearestCode(codebookBoundaries(Float32Array.of(5, 0.25, 0.75)), 0.5)).toBe(1);
    expect(nearestCode(codebookBoundaries(Float32Array.of(5, 0.75, 0.25)), 0.5)).toBe(1);
  });

  it("uses the lowest of codes with equal values, and both zeros as one", () => {
    expect(nearestCode(codebookBoundaries(Float32Array.of(3, -0, 0, -0)), 0.1)).toBe(1);
    expect(nearestCode(codebookBoundaries(Float32Array.of(2, 2, 2)), -7)).toBe(0);
  });
});
