import { describe, expect, it } from "vitest";
import { decimalNumber, wholeNumber } from "./number-option.js";

describe("wholeNumber", () => {
  it("reads whole numbers of its range", () => {
    expect(wholeNumber(1, 9)("9")).toBe(9);
    expect(wholeNumber(0)("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each(["", "0", "10", "-1", "1.5", "1e3", "x", "9007199254740993"])("refuses %j", (text) => {
    expect(() => wholeNumber(1, 9)(text)).toThrow("It is a whole number from 1 to 9.");
  });
});

describe("decimalNumber", () => {
  const share = decimalNumber((value) => value > 0 && value <= 1, "a number above 0 up to 1");
  it("reads numbers of its range", () => expect(share("0.25")).toBe(0.25));
  it.each(["", " ", "0", "1.1", "x", "Infinity", "NaN"])("refuses %j", (text) => {
    expect(() => share(text)).toThrow("It is a number above 0 up to 1.");
  });
});
