import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFilter } from "./name-filter.js";

const passes = (filter: string, name: string): boolean => nameFilter(filter)!(name);

describe("nameFilter", () => {
  it("takes text as what names contain, whatever the case", () => {
    expect(nameFilter("")).toBeUndefined();
    expect(passes("UP_proj", "layers.0.up_proj.weight")).toBe(true);
    expect(passes("layers[0", "layers[0")).toBe(true);
    expect(passes("a.b", "aXb")).toBe(false);
  });

  it.each([
    ["*.weight", "a.b.weight", true],
    ["*.weight", "a.weights", false],
    ["layers.?.w", "layers.7.w", true],
    ["layers.?.w", "layers.17.w", false],
    ["layers.[0-3].*", "layers.2.w", true],
    ["layers.[!0-3].*", "layers.2.w", false],
    ["layers.[0-35].*", "layers.5.w", true],
    ["*a*b*c", "xxaxxbxxbxxcxxc", true],
    ["*a*b*c", "xxaxxcxxb", false],
    ["*", "", true],
    ["a[]b*", "a[]b", true],
    ["(a+)+*", "(a+)+b", true],
  ])("%s on %s: %s", (filter, name, expected) => {
    expect(passes(filter, name)).toBe(expected);
  });

  it("agrees with a regular expression of the same meaning", () => {
    const pattern = fc
      .array(fc.constantFrom("a", "b", "*", "?", "[ab]"), { maxLength: 6 })
      .map((parts) => parts.join(""));
    const name = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(pattern, name, (glob, text) => {
        if (!/[*?[]/.test(glob)) return;
        const expression = glob.replaceAll("*", ".*").replaceAll("?", ".");
        expect(passes(glob, text)).toBe(new RegExp(`^${expression}$`, "s").test(text));
      }),
    );
  });

  it("ends on patterns that make regular expressions run for years", () => {
    const filter = nameFilter(`${"*?".repeat(60)}!`)!;
    expect(filter("model.layers.0.mlp.up_proj.weight".repeat(100))).toBe(false);
  });
});
