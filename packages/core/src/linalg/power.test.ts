import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { power } from "./power.js";

describe("power", () => {
  it("is within 1e-12 of the library's function", () => {
    const exponent = fc.double({ min: -30, max: 30, noNaN: true });
    fc.assert(
      fc.property(exponent, fc.double({ min: -2, max: 4, noNaN: true }), (decimalExponent, p) => {
        const x = 10 ** decimalExponent;
        expect(Math.abs(power(x, p) / x ** p - 1)).toBeLessThan(1e-12);
      }),
      { numRuns: 2000 },
    );
  });

  it("is within 1e-12 for every f32, subnormals included", () => {
    fc.assert(
      fc.property(fc.float({ min: 0, minExcluded: true, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.abs(power(x, 0.7) / x ** 0.7 - 1)).toBeLessThan(1e-12);
      }),
      { numRuns: 2000 },
    );
  });

  it("is exact at powers of two with whole exponents, where the series are 1", () => {
    expect(power(1, 2.4)).toBe(1);
    expect(power(8, 2)).toBe(64);
    expect(power(0.25, -2)).toBe(16);
    expect(power(4, 0.5)).toBe(2);
  });

  it("takes 0 to 0 or infinity", () => {
    expect(power(0, 0.7)).toBe(0);
    expect(power(0, -0.3)).toBe(Number.POSITIVE_INFINITY);
  });
});
