import { describe, expect, it } from "vitest";
import { checkTransformSize, hadamardScale, largestTransformSize, transformSpan } from "./hadamard.js";

/** H[i, j] = (−1)^popcount(i & j) / √n, the definition in Sylvester order. */
const entry = (i: number, j: number, size: number) => {
  let bits = i & j;
  let sign = 1;
  for (; bits > 0; bits &= bits - 1) sign = -sign;
  return sign / Math.sqrt(size);
};

describe("transformSpan", () => {
  it.each([1, 2, 8, 64])("multiplies by the Hadamard matrix of order %i", (size) => {
    const x = Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1));
    const found = x.slice();
    transformSpan(found, 0, size);
    for (let i = 0; i < size; i++) {
      const wanted = x.reduce((sum, value, j) => sum + entry(i, j, size) * value, 0);
      expect(Math.abs(found[i]! - wanted)).toBeLessThan(1e-5);
    }
  });

  it("is its own inverse, exactly where √size is a power of two, and touches nothing else", () => {
    const x = Float32Array.from({ length: 20 }, (_, i) => i - 7);
    const found = x.slice();
    transformSpan(found, 2, 16);
    expect(found.slice(2, 18)).not.toEqual(x.slice(2, 18));
    transformSpan(found, 2, 16);
    expect(found).toEqual(x);
  });
});

describe("transform sizes", () => {
  it("finds the widest that tiles a row", () => {
    expect([172, 256, 1, 768, 0].map(largestTransformSize)).toEqual([4, 256, 1, 256, 1]);
    expect(hadamardScale(64)).toBe(0.125);
  });

  it.each([
    [3, 9],
    [8, 12],
    [0, 8],
    [-4, 8],
    [2.5, 5],
  ])("refuses %d for rows of %d", (size, columns) => {
    expect(() => checkTransformSize(size, columns)).toThrow(
      expect.objectContaining({ code: "backend/transform-size" }),
    );
  });
});
