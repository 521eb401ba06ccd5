import { describe, expect, it } from "vitest";
import { erf } from "./erf.js";

/** Abramowitz and Stegun, table 7.1, the digits beyond it by the C library's function. */
const KNOWN: readonly (readonly [x: number, erf: number])[] = [
  [1e-10, 1.1283791670955126e-10],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [1.5, 0.9661051464753108],
  [2, 0.9953222650189527],
  [3, 0.9999779095030014],
  [4, 0.9999999845827421],
  [5, 0.9999999999984626],
];

describe("erf", () => {
  it.each(KNOWN)("is right at %d", (x, known) => {
    expect(Math.abs(erf(x) / known - 1)).toBeLessThan(1e-13);
    expect(erf(-x)).toBe(-erf(x));
  });

  it("takes zeros, infinities and NaN through", () => {
    expect(erf(0)).toBe(0);
    expect(erf(-0)).toBe(-0);
    expect([erf(Number.POSITIVE_INFINITY), erf(-6), erf(1e300)]).toEqual([1, -1, 1]);
    expect(erf(Number.NaN)).toBeNaN();
  });

  it("goes on without a step where it saturates", () => {
    expect(1 - erf(5.999999)).toBeLessThan(1e-15);
  });
});
