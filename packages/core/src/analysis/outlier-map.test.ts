import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalWeights, REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { outlierMap } from "./outlier-map.js";
import { fillTileRows } from "./row-selection.js";
import { finite, openCase, tileFigures, windowCase } from "./window-cases.fixture.js";

describe("outlierMap", () => {
  it.each([
    [37, 50, 10, 10],
    [5, 300, 8192, 7],
    [100, 3, 2, 33],
    [1, 1, 1, 1],
  ])(
    "reduces %i × %i to at most %i × %i tiles, in blocks of every size",
    async (rows, columns, maxWidth, maxHeight) => {
      const values = normalWeights(rows * columns, rows);
      const { checkpoint, tensor } = await tensorOfValues("F32", [rows, columns], values);
      const threshold = 0.03;
      for (const blockByteLength of [64, 300, 2 ** 20]) {
        const options = { maxWidth, maxHeight, threshold };
        const map = await outlierMap(checkpoint, tensor, options, { backend: REFERENCE, blockByteLength });
        expect(map.tilesAcross).toBeLessThanOrEqual(maxWidth);
        expect(map.tilesDown).toBeLessThanOrEqual(maxHeight);
        const absMaximum = new Float32Array(map.tilesDown * map.tilesAcross);
        const outlierCount = new Float64Array(absMaximum.length);
        values.forEach((value, i) => {
          const tile =
            Math.floor(Math.floor(i / columns) / map.tileRows) * map.tilesAcross +
            Math.floor((i % columns) / map.tileColumns);
          absMaximum[tile] = Math.max(absMaximum[tile]!, Math.abs(value));
          if (Math.abs(value) > threshold) outlierCount[tile]! += 1;
        });
        expect(map.absMaximum).toEqual(absMaximum);
        expect(map.outlierCount).toEqual(outlierCount);
      }
    },
  );

  it("refuses pictures without pixels", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [2], Float32Array.of(1, 2));
    const refused = outlierMap(checkpoint, tensor, { maxWidth: 0, maxHeight: 4, threshold: 1 }, { backend: REFERENCE });
    await expect(refused).rejects.toMatchObject({ code: "analysis/invalid-option" });
  });

  it("has the figures of any window of any dtype, NaN where nothing is finite", async () => {
    const property = fc.asyncProperty(windowCase, async (found) => {
      const { checkpoint, tensor, values, context } = await openCase(found);
      const threshold = 0.5;
      const map = await outlierMap(checkpoint, tensor, { ...found, threshold }, context);
      const figures = (figure: (values: number[]) => number) =>
        tileFigures(values, found.columns, map, (all) => figure(finite(all)));
      const largest = (all: number[]) => (all.length === 0 ? Number.NaN : Math.max(...all.map(Math.abs)));
      expect([...map.absMaximum]).toEqual(figures(largest));
      expect([...map.outlierCount]).toEqual(
        figures((all) => all.filter((value) => Math.abs(value) > threshold).length),
      );
      expect(map).toMatchObject({ isCoarse: false, rows: found.rows, columns: found.columns, window: found.window });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("looks only at some rows with a row step, and shows the nearest ones for the others", async () => {
    const property = fc.asyncProperty(windowCase, fc.integer({ min: 2, max: 9 }), async (found, rowStep) => {
      const { checkpoint, tensor, values, context } = await openCase(found);
      const map = await outlierMap(checkpoint, tensor, { ...found, threshold: 0.5, rowStep }, context);
      const { window, tileRows, tilesAcross, shownFrom, rowsRead } = map;
      const seen = values.map((value, i) => {
        const row = Math.floor(i / found.columns) - window.row;
        const tileRow = Math.floor(row / tileRows);
        return shownFrom[tileRow] === tileRow && row % tileRows < rowsRead[tileRow]! ? value : Number.NaN;
      });
      const expected = Float32Array.from(
        tileFigures(seen, found.columns, map, (all) => {
          const known = finite(all);
          return known.length === 0 ? Number.NaN : Math.max(...known.map(Math.abs));
        }),
      );
      fillTileRows(expected, tilesAcross, map);
      expect(map.absMaximum).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("has no tiles for a tensor without weights, and one for a scalar", async () => {
    const options = { maxWidth: 4, maxHeight: 4, threshold: 1 };
    const none = await tensorOfValues("BF16", [0, 7], new Float32Array(0));
    const map = await outlierMap(none.checkpoint, none.tensor, options, { backend: REFERENCE });
    expect(map).toMatchObject({ tilesDown: 0, tilesAcross: 4, absMaximum: new Float32Array(0) });
    const scalar = await tensorOfValues("F32", [], Float32Array.of(-3));
    const one = await outlierMap(scalar.checkpoint, scalar.tensor, options, { backend: REFERENCE });
    expect([one.absMaximum, one.outlierCount]).toEqual([Float32Array.of(3), Float64Array.of(1)]);
  });
});
