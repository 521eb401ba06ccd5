import { describe, expect, it } from "vitest";
import { normalWeights, REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { outlierMap } from "./outlier-map.js";

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
});
