import { describe, expect, it } from "vitest";
import { parseOutlierRule } from "./outlier-rule-option.js";

describe("parseOutlierRule", () => {
  it("reads the three kinds", () => {
    expect(parseOutlierRule("sigma:4.5")).toEqual({ kind: "sigma", factor: 4.5 });
    expect(parseOutlierRule("quantile:0.999")).toEqual({ kind: "quantile", share: 0.999 });
    expect(parseOutlierRule("absolute:0")).toEqual({ kind: "absolute", threshold: 0 });
  });

  it.each(["", "sigma", "sigma:", "sigma:x", "sigma:-1", "quantile:1.5", "other:1", "absolute:Infinity"])(
    "refuses %j",
    (text) => {
      expect(() => parseOutlierRule(text)).toThrow(/sigma:FACTOR/);
    },
  );
});
