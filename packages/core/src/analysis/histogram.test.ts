import { describe, expect, it } from "vitest";
import { histogram } from "./histogram.js";
import { valueTable } from "./value-table.js";

const table = valueTable(Float64Array.of(-2, -1, 0, 0.5, 1, 2), [1, 2, 3, 4, 5, 6]);

describe("histogram", () => {
  it("puts a value on an edge into the upper bin, the largest into the last", () => {
    const { edges, counts } = histogram(table, { bins: 4 });
    expect([...edges]).toEqual([-2, -1, 0, 1, 2]);
    expect([...counts]).toEqual([1, 2, 7, 11]);
  });

  it("counts what lies outside the range", () => {
    const { counts, belowCount, aboveCount } = histogram(table, { bins: 1, range: [-1, 1] });
    expect([belowCount, counts[0], aboveCount]).toEqual([1, 14, 6]);
  });

  it("takes constant and empty tables, refuses impossible bins", () => {
    expect(histogram(valueTable(Float64Array.of(3), [9]), { bins: 2 }).counts.reduce((a, b) => a + b)).toBe(9);
    expect([...histogram(valueTable(new Float64Array(0), []), { bins: 2 }).counts]).toEqual([0, 0]);
    for (const options of [{ bins: 0 }, { bins: 1.5 }, { bins: 3, range: [1, 0] as const }]) {
      expect(() => histogram(table, options)).toThrow(expect.objectContaining({ code: "analysis/invalid-option" }));
    }
  });
});
