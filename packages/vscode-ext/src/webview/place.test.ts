import { describe, expect, it } from "vitest";
import { nextPlace } from "./place.js";

describe("nextPlace", () => {
  it("takes weight and comparison along", () => {
    const current = { page: "tensor", weight: "w", compareWith: "/other" } as const;
    expect(nextPlace(current, { page: "layers" })).toEqual({ page: "layers", weight: "w", compareWith: "/other" });
    expect(nextPlace(current, { page: "tensor", weight: "v" })).toEqual({
      page: "tensor",
      weight: "v",
      compareWith: "/other",
    });
  });

  it("closes the comparison with a step to Compare without a checkpoint", () => {
    const current = { page: "compare", weight: "w", compareWith: "/other" } as const;
    expect(nextPlace(current, { page: "compare" })).toEqual({ page: "compare", weight: "w" });
  });

  it("hands a setting over once", () => {
    const setting = { method: "rtn", options: { bits: 4 } };
    const there = nextPlace({ page: "try" }, { page: "quantize", setting });
    expect(there).toEqual({ page: "quantize", setting });
    expect(nextPlace(there, { page: "overview" })).toEqual({ page: "overview" });
  });
});
