import { describe, expect, it } from "vitest";
import { parseOutput } from "./output-argument.js";

describe("parseOutput", () => {
  it.each([
    ["out", "out"],
    ["out/", "out"],
    ["a/b//", "a/b"],
    ["/", "/"],
    ["C:\\models\\out\\", "C:\\models\\out"],
  ])("%s → %s", (text, expected) => {
    expect(parseOutput(text)).toBe(expected);
  });

  it.each(["", "  "])("refuses %j", (text) => {
    expect(() => parseOutput(text)).toThrow(/path/);
  });
});
