import { describe, expect, it } from "vitest";
import { forEachTileSpan, tileGeometry } from "./tile-geometry.js";

const shape = { rows: 10, columns: 20 };

describe("tileGeometry", () => {
  it("covers the whole matrix without a window", () => {
    expect(tileGeometry(shape, { maxWidth: 6, maxHeight: 100 })).toEqual({
      window: { row: 0, rows: 10, column: 0, columns: 20 },
      tileRows: 1,
      tileColumns: 4,
      tilesDown: 10,
      tilesAcross: 5,
    });
  });

  it("has no tiles in an empty window", () => {
    const window = { row: 10, rows: 0, column: 3, columns: 5 };
    expect(tileGeometry(shape, { maxWidth: 4, maxHeight: 4, window })).toMatchObject({ tilesDown: 0, tilesAcross: 3 });
  });

  it.each([
    { maxWidth: 0 },
    { maxHeight: 8193 },
    { maxWidth: 1.5 },
    { window: { row: -1, rows: 1, column: 0, columns: 1 } },
    { window: { row: 8, rows: 3, column: 0, columns: 1 } },
    { window: { row: 0, rows: 1, column: 19, columns: 2 } },
    { window: { row: 0, rows: 1, column: 21, columns: 0 } },
    { window: { row: 0, rows: Number.NaN, column: 0, columns: 1 } },
    { window: { row: 0.5, rows: 1, column: 0, columns: 1 } },
  ])("refuses %j", (options) => {
    expect(() => tileGeometry(shape, { maxWidth: 4, maxHeight: 4, ...options })).toThrow(
      expect.objectContaining({ code: "analysis/invalid-option" }),
    );
  });
});

describe("forEachTileSpan", () => {
  it("cuts rows of a place at the borders of tiles", () => {
    const window = { row: 2, rows: 6, column: 5, columns: 9 };
    const geometry = tileGeometry(shape, { maxWidth: 3, maxHeight: 3, window });
    const found: number[][] = [];
    forEachTileSpan(geometry, { row: 3, rows: 2, column: 7, columns: 5 }, (...span) => found.push(span));
    expect(found).toEqual([
      [0, 0, 1],
      [1, 1, 4],
      [2, 4, 5],
      [3, 5, 6],
      [4, 6, 9],
      [5, 9, 10],
    ]);
  });
});
