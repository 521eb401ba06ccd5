import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryTerm, randomTerm } from "../terms/arbitrary-term.fixture.js";
import { writeScales } from "../terms/scale-array.js";
import { scaleGrids } from "../terms/scale-grids.js";
import { termArray } from "../terms/term-arrays.js";
import { groupScales } from "./group-scales.js";
import { termSource } from "./term-source.fixture.js";
import { finite, isNear, mean, tileFigures } from "./window-cases.fixture.js";

describe("groupScales", () => {
  it("has the means of all scales of any terms", async () => {
    const size = fc.integer({ min: 1, max: 12 });
    const property = fc.asyncProperty(arbitraryTerm, fc.nat(), size, size, async (term, seed, maxWidth, maxHeight) => {
      const { rows, columns } = term.layout;
      const second = randomTerm({ kind: "dense", rows, columns, valueDtype: "F16" }, 1 + (seed % 1000));
      const options = { maxWidth, maxHeight };
      const pictures = await groupScales(termSource([second, term]), { blockByteLength: 64 }, options);
      const grids = scaleGrids(term.layout);
      expect(pictures.length).toBe(grids.length);
      pictures.forEach((picture, i) => {
        const { isShared, groups, read } = grids[i]!;
        const { scales, zeros } = read(term);
        const height = isShared ? Math.min(1, rows) : rows;
        expect(picture).toMatchObject({ term: 1, rows: height, groups });
        const { tileRows, tileGroups, tilesDown, tilesAcross } = picture;
        expect(Math.max(tilesDown, 1)).toBeLessThanOrEqual(maxHeight);
        expect(tilesAcross).toBeLessThanOrEqual(maxWidth);
        const window = { row: 0, rows: height, column: 0, columns: groups };
        const geometry = { window, tileRows, tileColumns: tileGroups, tilesDown, tilesAcross };
        const expectMeans = (found: Float32Array, of: Float32Array) => {
          const expected = tileFigures(of, groups, geometry, (all) => mean(finite(all)));
          expect(found.length).toBe(expected.length);
          const size = of.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
          expect([...found].every((value, tile) => isNear(value, expected[tile]!, size))).toBe(true);
        };
        expectMeans(picture.scales, scales.map(Math.abs));
        expect(picture.zeros === undefined).toBe(zeros === undefined);
        if (zeros !== undefined) expectMeans(picture.zeros!, zeros);
        const known = height === 0 ? [] : finite([...scales]);
        expect(picture.minimum).toBe(known.length === 0 ? Number.NaN : Math.min(...known.map(Math.abs)));
        expect(picture.maximum).toBe(known.length === 0 ? Number.NaN : Math.max(...known.map(Math.abs)));
        expect(picture.negativeCount).toBe(known.filter((scale) => scale < 0).length);
        expect(picture.nonFiniteCount).toBe(height * groups - known.length);
      });
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it("counts scales that are not finite and reduces to 512 × 512 tiles", async () => {
    const layout = {
      kind: "codebook",
      rows: 1030,
      columns: 1100,
      bits: 1,
      granularity: "group",
      groupSize: 2,
      codebook: "random",
      scaleDtype: "F32",
    } as const;
    const term = randomTerm(layout, 3);
    const scales = new Float32Array(1030 * 550).fill(2);
    scales.set([Number.NaN, Number.POSITIVE_INFINITY, -7]);
    writeScales(scales, "F32", termArray(term, "scale"));
    const [picture] = await groupScales(termSource([term]), {});
    expect(picture).toMatchObject({
      label: "codebook random 1-bit, groups of 2, F32 scales",
      tileRows: 3,
      tileGroups: 2,
      tilesDown: 344,
      tilesAcross: 275,
      minimum: 2,
      maximum: 7,
      negativeCount: 1,
      nonFiniteCount: 2,
    });
    expect([picture!.scales[0], picture!.scales[1]]).toEqual([2, Math.fround(17 / 6)]);
  });

  it("is empty for terms without scales", async () => {
    const dense = randomTerm({ kind: "dense", rows: 2, columns: 2, valueDtype: "F16" }, 1);
    expect(await groupScales(termSource([dense]), {})).toEqual([]);
  });

  it("refuses pictures without pixels", async () => {
    await expect(groupScales(termSource([]), {}, { maxWidth: 0 })).rejects.toMatchObject({
      code: "analysis/invalid-option",
    });
  });
});
