import { describe, expect, it } from "vitest";
import { shortestDecimal } from "./shortest-decimal.js";

describe("shortestDecimal", () => {
  it.each([1e-5, 1e-6, 10_000, 500_000, 0.1, 1, 3, 1.25e-12])("finds %d again in its float32", (value) => {
    expect(shortestDecimal(Math.fround(value))).toBe(value);
  });

  it("leaves a float64 as it is", () => {
    expect(shortestDecimal(0.1)).toBe(0.1);
    expect(shortestDecimal(1 / 3)).toBe(1 / 3);
  });

  it("keeps every digit that tells two neighbours apart", () => {
    const value = Math.fround(16_777_215);
    expect(shortestDecimal(value)).toBe(value);
  });
});
