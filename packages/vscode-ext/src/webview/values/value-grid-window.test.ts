import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gridWindow, steppedGridCell, windowAsTsv } from "./value-grid-window.js";

const NO_KEYS = { ctrlKey: false, metaKey: false, altKey: false };

describe("gridWindow", () => {
  it("holds its cell and lies in the matrix", () => {
    const length = fc.integer({ min: 1, max: 1e5 });
    fc.assert(
      fc.property(length, length, fc.nat(2e5), fc.nat(2e5), (rows, columns, row, column) => {
        const window = gridWindow({ row, column }, { rows, columns });
        const [atRow, atColumn] = [Math.min(row, rows - 1), Math.min(column, columns - 1)];
        expect(atRow >= window.row && atRow < window.row + window.rows).toBe(true);
        expect(atColumn >= window.column && atColumn < window.column + window.columns).toBe(true);
        expect(window.row + window.rows <= rows && window.column + window.columns <= columns).toBe(true);
        expect(window.rows <= 64 && window.columns <= 16).toBe(true);
      }),
    );
  });
});

describe("steppedGridCell", () => {
  const size = { rows: 200, columns: 50 };
  const from = { row: 70, column: 10 };

  it.each([
    ["ArrowDown", {}, { row: 71, column: 10 }],
    ["ArrowLeft", { ctrlKey: true }, { row: 70, column: 0 }],
    ["PageDown", {}, { row: 134, column: 10 }],
    ["PageUp", {}, { row: 6, column: 10 }],
    ["End", {}, { row: 70, column: 49 }],
    ["Home", { ctrlKey: true }, { row: 0, column: 0 }],
    ["End", { metaKey: true }, { row: 199, column: 49 }],
  ])("%s %j", (key, keys, expected) => {
    expect(steppedGridCell({ key, ...NO_KEYS, ...keys }, from, size)).toEqual(expected);
  });

  it("stays in the matrix and leaves other keys alone", () => {
    expect(steppedGridCell({ key: "ArrowUp", ...NO_KEYS }, { row: 0, column: 0 }, size)).toEqual({ row: 0, column: 0 });
    for (const key of ["Tab", "a", "Enter"]) expect(steppedGridCell({ key, ...NO_KEYS }, from, size)).toBeUndefined();
  });
});

describe("windowAsTsv", () => {
  it("writes every digit, with the numbers of rows and columns", () => {
    const values = [0.1, Number.NaN, -2.5e-9, undefined];
    const text = windowAsTsv(
      { row: 5, rows: 2, column: 7, columns: 2 },
      (row, column) => values[(row - 5) * 2 + column - 7],
    );
    expect(text).toBe("row\t7\t8\n5\t0.1\tNaN\n6\t-2.5e-9\t\n");
  });
});
