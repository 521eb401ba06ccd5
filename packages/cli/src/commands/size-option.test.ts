import { describe, expect, it } from "vitest";
import { parseSize } from "./size-option.js";

describe("parseSize", () => {
  it.each([
    ["5GB", 5e9],
    ["300 MiB", 300 * 2 ** 20],
    ["1000000", 1e6],
    ["1.5kb", 1500],
    ["2TiB", 2 * 2 ** 40],
  ])("reads %j", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(["", "0", "GB", "-1GB", "5 XB", "1e9", "0.1", "99999999999TB"])("refuses %j", (text) => {
    expect(() => parseSize(text)).toThrow(/such as 5GB/);
  });
});
