import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisTicks } from "./axis-ticks.js";

describe("axisTicks", () => {
  it("puts round numbers on the axis", () => {
    expect(axisTicks([2, 4]).ticks).toEqual([2, 3, 4]);
    expect(axisTicks([0.1, 0.3]).ticks).toEqual([0.1, 0.2, 0.3]);
    expect(axisTicks([10, 30]).ticks).toEqual([10, 20, 30]);
  });

  it("holds every value, and has ticks inside, for any values", () => {
    const value = fc.double({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
        const extent = Math.max(...values) - Math.min(...values);
        fc.pre(extent === 0 || extent > 1e-6);
        const { low, high, ticks } = axisTicks(values);
        for (const each of values) expect(low < each && each < high).toBe(true);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
        for (const tick of ticks) expect(tick).toBeGreaterThanOrEqual(low - 1e-9);
        for (const tick of ticks) expect(tick).toBeLessThanOrEqual(high + 1e-9);
      }),
    );
  });
});
