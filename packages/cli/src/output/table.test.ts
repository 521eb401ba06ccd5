import { describe, expect, it } from "vitest";
import { type Column, fittingColumns, renderTable } from "./table.js";

const COLUMNS: readonly Column[] = [
  { title: "name" },
  { title: "a", dispensable: 1 },
  { title: "b", dispensable: 2 },
  { title: "c" },
];

describe("fittingColumns", () => {
  const widths = [10, 5, 5, 5]; // 25 and three gaps of 2

  it.each([
    [31, [0, 1, 2, 3]],
    [30, [0, 1, 3]],
    [24, [0, 1, 3]],
    [23, [0, 3]],
    [1, [0, 3]],
  ])("in %i characters", (width, expected) => {
    expect(fittingColumns(COLUMNS, widths, width)).toEqual(expected);
  });
});

describe("renderTable", () => {
  it("aligns tables of many rows throughout", () => {
    const rows = Array.from({ length: 500 }, (_, index) => [`row ${index}`, "x".repeat(index === 450 ? 9 : 1), "end"]);
    const lines = renderTable([{ title: "name" }, { title: "x" }, { title: "last" }], rows).split("\n");
    expect(lines.length).toBe(501);
    expect(new Set(lines.slice(1).map((line) => line.indexOf("end")))).toEqual(new Set([lines[0]!.indexOf("last")]));
  });

  it("aligns, and has all columns where output is redirected", () => {
    const columns: Column[] = [{ title: "name" }, { title: "bytes", align: "right", dispensable: 1 }];
    expect(
      renderTable(
        columns,
        [
          ["a", "5"],
          ["long", "12345"],
        ],
        ["total", "6"],
      ),
    ).toBe(["name   bytes", "a          5", "long   12345", "total      6"].join("\n"));
  });
});
