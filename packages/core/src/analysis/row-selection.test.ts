import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coarseRowStep, fillTileRows, selectRows } from "./row-selection.js";
import { tileGeometry } from "./tile-geometry.js";

const geometryOf = (row: number, rows: number, maxHeight: number) =>
  tileGeometry(
    { rows: row + rows, columns: 3 },
    { maxWidth: 3, maxHeight, window: { row, rows, column: 0, columns: 3 } },
  );

describe("selectRows", () => {
  it("takes the whole window at once without a step", () => {
    expect(selectRows(geometryOf(5, 23, 4))).toEqual({
      runs: [{ row: 5, rows: 23 }],
      isCoarse: false,
      shownFrom: Uint32Array.of(0, 1, 2, 3),
      rowsRead: Uint32Array.of(6, 6, 6, 5),
    });
  });

  it("takes the first rows of high tiles", () => {
    const { runs, isCoarse, shownFrom, rowsRead } = selectRows(geometryOf(2, 20, 2), 4);
    expect(runs).toEqual([
      { row: 2, rows: 2 },
      { row: 12, rows: 2 },
    ]);
    expect([isCoarse, [...shownFrom], [...rowsRead]]).toEqual([true, [0, 1], [2, 2]]);
  });

  it("leaves out tile rows that are lower than a step, and shows the nearest one there", () => {
    const { runs, shownFrom, rowsRead } = selectRows(geometryOf(0, 10, 10), 4);
    expect(runs.map(({ row }) => row)).toEqual([0, 4, 8]);
    expect([...shownFrom]).toEqual([0, 0, 4, 4, 4, 4, 8, 8, 8, 8]);
    expect([...rowsRead]).toEqual(new Array(10).fill(1));
    const tiles = Float32Array.from({ length: 10 }, (_, i) => i);
    fillTileRows(tiles, 1, { isCoarse: true, shownFrom, rowsRead });
    expect([...tiles]).toEqual([0, 0, 4, 4, 4, 4, 8, 8, 8, 8]);
  });

  it("reads no row twice, none outside the window, and at most twice the share that was asked for", () => {
    const property = fc.property(
      fc.nat(9),
      fc.nat(90),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 99 }),
      (row, rows, maxHeight, step) => {
        const geometry = geometryOf(row, rows, maxHeight);
        const { runs, isCoarse, shownFrom, rowsRead } = selectRows(geometry, step);
        let next = row;
        for (const run of runs) {
          expect(run.row).toBeGreaterThanOrEqual(next);
          next = run.row + run.rows;
        }
        expect(next).toBeLessThanOrEqual(row + rows);
        const read = runs.reduce((sum, run) => sum + run.rows, 0);
        expect(isCoarse).toBe(read < rows);
        if (step > 1)
          expect(read).toBeLessThanOrEqual(
            Math.ceil((2 * rows) / step) + geometry.tilesDown * (geometry.tileRows < step ? 0 : 1),
          );
        for (let tileRow = 0; tileRow < geometry.tilesDown; tileRow++) {
          const source = shownFrom[tileRow]!;
          expect(shownFrom[source]).toBe(source);
          expect(rowsRead[tileRow]).toBeGreaterThan(0);
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a step of %s", (step) => {
    expect(() => selectRows(geometryOf(0, 4, 4), step)).toThrow(
      expect.objectContaining({ code: "analysis/invalid-option" }),
    );
  });
});

describe("coarseRowStep", () => {
  it("keeps to a number of weights", () => {
    expect(coarseRowStep({ rows: 4096, columns: 11008 }, 4_000_000)).toBe(12);
    expect(coarseRowStep({ rows: 10, columns: 10 })).toBe(1);
    expect(coarseRowStep({ rows: 0, columns: 10 })).toBe(1);
    expect(coarseRowStep({ rows: 2, columns: 1e9 })).toBe(2);
  });
});
