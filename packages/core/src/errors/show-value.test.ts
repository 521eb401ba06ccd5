import { describe, expect, it } from "vitest";
import { showValue } from "./show-value.js";

describe("showValue", () => {
  it.each([1, null, true, "a\n", [1, 2], { a: [1, { b: "c" }] }, [], {}])("shows %j as JSON", (value) => {
    expect(showValue(value)).toBe(JSON.stringify(value));
  });

  it("shows what JSON cannot say", () => {
    expect([showValue(undefined), showValue(Number.NaN)]).toEqual(["undefined", "NaN"]);
  });

  it("cuts what is long, and goes no deeper than it must", () => {
    expect(showValue("x".repeat(1000)).length).toBe(80);
    expect(showValue(Array(20).fill(0))).toBe("[0,0,0,0,0,0,0,0,…]");
    expect(showValue(JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`))).toBe("[[[[…]]]]");
  });
});
