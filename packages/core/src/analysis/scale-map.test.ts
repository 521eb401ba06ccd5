import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryTerm, randomTerm } from "../terms/arbitrary-term.fixture.js";
import { writeScales } from "../terms/scale-array.js";
import { scaleGrids } from "../terms/scale-grids.js";
import { termArray } from "../terms/term-arrays.js";
import { scaleMap } from "./scale-map.js";
import { termSource } from "./term-source.fixture.js";
import { finite, isNear, mean, tileFigures, windowOf } from "./window-cases.fixture.js";

describe("scaleMap", () => {
  it("has the mean scale of the weights of every tile, of any scales of any term", async () => {
    const size = fc.integer({ min: 1, max: 12 });
    const windowedTerm = arbitraryTerm.chain((term) =>
      windowOf(term.layout.rows, term.layout.columns).map((window) => ({ term, window })),
    );
    const blocks = fc.constantFrom(64, 4096);
    const property = fc.asyncProperty(
      windowedTerm,
      size,
      size,
      blocks,
      async ({ term, window }, maxWidth, maxHeight, blockByteLength) => {
        const { rows, columns } = term.layout;
        for (const [grid, { isShared, groups, groupSize, read }] of scaleGrids(term.layout).entries()) {
          const { scales } = read(term);
          const ofWeights = Array.from({ length: rows * columns }, (_, i) => {
            const group = Math.floor((i % columns) / groupSize);
            return Math.abs(scales[(isShared ? 0 : Math.floor(i / columns) * groups) + group]!);
          });
          const map = await scaleMap(termSource([term]), { maxWidth, maxHeight, window, grid }, { blockByteLength });
          const expected = tileFigures(ofWeights, columns, map, (all) => mean(finite(all)));
          expect(map.values.length).toBe(expected.length);
          expect([...map.values].every((value, tile) => isNear(value, expected[tile]!))).toBe(true);
        }
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  const ternary = {
    kind: "ternary",
    rows: 9,
    columns: 4,
    granularity: "row",
    groupSize: 4,
    packing: "two-bit",
    scaleDtype: "F32",
  } as const;

  it("leaves out scales that are not finite, and reads some rows with a step", async () => {
    const term = randomTerm(ternary, 5);
    const none = Number.NaN;
    writeScales([1, -2, none, Number.POSITIVE_INFINITY, 5, 6, 7, 8, 9], "F32", termArray(term, "scale"));
    const all = await scaleMap(termSource([term]), { maxWidth: 1, maxHeight: 9 }, {});
    expect(all.values).toEqual(Float32Array.of(1, 2, none, none, 5, 6, 7, 8, 9));
    const asked: [number, number][] = [];
    const some = await scaleMap(termSource([term], asked), { maxWidth: 1, maxHeight: 9, rowStep: 4 }, {});
    expect(some.values).toEqual(Float32Array.of(1, 1, 5, 5, 5, 5, 9, 9, 9));
    expect([some.isCoarse, asked]).toEqual([
      true,
      [
        [0, 1],
        [4, 5],
        [8, 9],
      ],
    ]);
  });

  it("refuses weights without scales and scales that a weight does not have", async () => {
    const dense = randomTerm({ kind: "dense", rows: 2, columns: 2, valueDtype: "F16" }, 1);
    const size = { maxWidth: 2, maxHeight: 2 };
    await expect(scaleMap(termSource([dense]), size, {})).rejects.toMatchObject({ code: "analysis/no-scales" });
    const refused = scaleMap(termSource([randomTerm(ternary, 1)]), { ...size, grid: 1 }, {});
    await expect(refused).rejects.toMatchObject({ code: "analysis/invalid-option" });
  });
});
