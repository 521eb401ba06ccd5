import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginRule, localThreshold, ruleAt, ruleNumber, ruleOf, ruleSlider } from "./rule-slider.js";

describe("ruleSlider", () => {
  it("goes back and forth between position and rule", () => {
    const kind = fc.constantFrom("sigma" as const, "quantile" as const, "absolute" as const);
    fc.assert(
      fc.property(
        kind,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
        (name, share, absMaximum) => {
          const { minimum, maximum } = ruleSlider(beginRule(name, 1), absMaximum);
          const position = minimum + share * (maximum - minimum);
          const { position: again } = ruleSlider(ruleAt(name, position, absMaximum), absMaximum);
          expect(Math.abs(again - position)).toBeLessThan(0.05);
        },
      ),
    );
  });

  it("stays on its rail for numbers typed beside it", () => {
    for (const number of [0, 1e-9, 0.5, 1, 6, 1e9, Number.NaN, -3, Number.POSITIVE_INFINITY]) {
      for (const kind of ["sigma", "quantile", "absolute"] as const) {
        const rule = ruleOf(kind, number);
        const { minimum, maximum, position } = ruleSlider(rule, 0.25);
        expect(position >= minimum && position <= maximum).toBe(true);
        expect(ruleNumber(rule) >= 0 && Number.isFinite(ruleNumber(rule))).toBe(true);
      }
    }
    expect(ruleNumber(ruleOf("quantile", 7))).toBe(1);
  });
});

describe("localThreshold", () => {
  it("knows all but quantiles", () => {
    expect(localThreshold({ kind: "sigma", factor: 6 }, 0.5)).toBe(3);
    expect(localThreshold({ kind: "sigma", factor: 6 }, undefined)).toBeUndefined();
    expect(localThreshold({ kind: "absolute", threshold: 0.2 }, undefined)).toBe(0.2);
    expect(localThreshold({ kind: "quantile", share: 0.99 }, 1)).toBeUndefined();
  });
});
