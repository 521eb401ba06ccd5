import { describe, expect, it } from "vitest";
import { QUANTIZERS } from "./quantizer-table.js";
import { resolveOptions } from "./resolve-options.js";
import { rtn } from "./rtn/rtn.js";

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

describe("resolveOptions", () => {
  it("fills in defaults and reads text as the command line gives it", () => {
    expect(
      resolveOptions(rtn, { bits: "3", group: "row", includeZero: "true", shrink: "80", shrinkExponent: "2" }),
    ).toEqual({
      bits: 3,
      zero: "integer",
      group: "row",
      includeZero: true,
      shrink: 80,
      shrinkExponent: 2,
      scaleDtype: "F16",
    });
    expect(resolveOptions(rtn, { group: "32" }).group).toBe(32);
    expect(resolveOptions(rtn, { group: 32 }).group).toBe(32);
  });

  it.each([
    [{ bits: 9 }],
    [{ bits: 2.5 }],
    [{ bits: "four" }],
    [{ bits: "" }],
    [{ bits: true }],
    [{ bits: null }],
    [{ group: 0 }],
    [{ group: "column" }],
    [{ includeZero: "yes" }],
    [{ includeZero: 1 }],
    [{ zero: "midpoint" }],
    [{ shrinkExponent: "nan" }],
  ])("refuses %j", (given) => {
    expect(codeOf(() => resolveOptions(rtn, given))).toBe("options/invalid-value");
  });

  it("names the option, the value found and the values allowed", () => {
    expect(() => resolveOptions(rtn, { bits: 9 })).toThrow(
      'Option "bits" of method "rtn" is 9; allowed: a whole number from 1 to 8.',
    );
  });

  it("refuses options that the method does not have", () => {
    expect(codeOf(() => resolveOptions(rtn, { bit: 4 }))).toBe("options/unknown-option");
  });

  it("refuses names that every object has", () => {
    expect(codeOf(() => resolveOptions(rtn, { constructor: 4 }))).toBe("options/unknown-option");
  });

  it("takes the defaults of every method", () => {
    for (const [name, quantizer] of Object.entries(QUANTIZERS)) {
      expect(quantizer.name).toBe(name);
      const options = resolveOptions(quantizer, {});
      const asText = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, String(value)]));
      expect(resolveOptions(quantizer, asText)).toEqual(options);
    }
  });
});
