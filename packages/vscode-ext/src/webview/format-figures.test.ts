import { describe, expect, it } from "vitest";
import { formatCosine, formatLarge, formatReal, formatShape, formatShare } from "./format-figures.js";

describe("figures", () => {
  it.each([
    [0, "0"],
    [9999, "9,999"],
    [10_000, "10.0K"],
    [134_515_008, "134.5M"],
    [999_960_000, "1.00B"],
    [7_000_000_000_000_000, "7000.0T"],
  ])("%d is %s", (count, text) => {
    expect(formatLarge(count)).toBe(text);
  });

  it.each([
    [0, "0"],
    [0.021_34, "0.02134"],
    [1234.56, "1235"],
    [3.4e-7, "3.40e-7"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("%d is %s", (value, text) => {
    expect(formatReal(value)).toBe(text);
  });

  it("writes shares and shapes", () => {
    expect(formatShare(0.001_234)).toBe("0.123%");
    expect(formatShare(0.000_050_86)).toBe("0.0051%");
    expect(formatShare(Number.NaN)).toBe("–");
    expect(formatShape([4096, 11_008])).toBe("4096 × 11008");
    expect(formatShape([])).toBe("scalar");
  });

  it("writes cosines so that their distance from 1 can be seen", () => {
    expect([1, 0.999991, 0.5, Number.NaN].map(formatCosine)).toEqual(["1", "0.999991", "0.5", "NaN"]);
  });
});
