import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inNaturalOrder } from "./natural-order.js";

const sorted = (...names: string[]) => inNaturalOrder(names, (name) => name);

describe("inNaturalOrder", () => {
  it("puts layer 2 before layer 10", () => {
    expect(sorted("layers.10.w", "layers.2.w", "layers.2.b", "layers.1.w")).toEqual([
      "layers.1.w",
      "layers.2.b",
      "layers.2.w",
      "layers.10.w",
    ]);
  });

  it("compares runs of any length, also with leading zeros", () => {
    const long = "9".repeat(30);
    expect(sorted(`a${long}`, "a1000000000", "a999999999", "a08", "a8", "a007")).toEqual([
      "a007",
      "a08",
      "a8",
      "a999999999",
      "a1000000000",
      `a${long}`,
    ]);
  });

  it("does not change with the order of the input", () => {
    const names = ["b", "a2", "a10", "a", "", "10", "9", "a02"];
    expect(sorted(...names.toReversed())).toEqual(sorted(...names));
  });

  it("orders dotted names as whole names are ordered, also with characters before the dot", () => {
    /** Runs of digits as numbers of nine digits, which is enough here; everything else as it is. */
    const key = (name: string): string => name.replace(/[0-9]+/g, (run) => String(Number(run)).padStart(9, "0"));
    const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    const part = fc.constantFrom("", "a", "b", "a-b", "a b", "a_b", "0", "1", "2", "10", "02", "a1", "a01", "a10", "é");
    const name = fc.array(part, { maxLength: 5 }).map((parts) => parts.join("."));
    const property = fc.property(fc.uniqueArray(name, { maxLength: 30 }), (names) => {
      const expected = names.toSorted((a, b) => compare(key(a), key(b)) || compare(a, b));
      expect(sorted(...names)).toEqual(expected);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it("orders names of very many parts", () => {
    const deep = (last: string): string => `${"a.".repeat(5000)}${last}`;
    expect(sorted(deep("10"), deep("2"), "a.a", "a")).toEqual(["a", "a.a", deep("2"), deep("10")]);
  });
});
