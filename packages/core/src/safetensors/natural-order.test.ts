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
});
