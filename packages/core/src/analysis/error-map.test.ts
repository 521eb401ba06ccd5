import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalWeights, REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { errorMap } from "./error-map.js";
import { finite, isNear, mean, openCase, tileFigures, windowCase } from "./window-cases.fixture.js";

describe("errorMap", () => {
  it("has the root mean square of the differences of every tile, whatever the dtypes", async () => {
    const property = fc.asyncProperty(windowCase, fc.nat(), async (found, seed) => {
      const own = await openCase(found);
      const otherValues = normalWeights(own.values.length, seed);
      const other = await tensorOfValues("F32", [found.rows, found.columns], otherValues);
      const map = await errorMap(own, other, found, own.context);
      const differences = [...own.values].map((value, i) => value - otherValues[i]!);
      const expected = tileFigures(differences, found.columns, map, (all) =>
        Math.sqrt(mean(finite(all).map((difference) => difference ** 2))),
      );
      expect(map.values.length).toBe(expected.length);
      expect([...map.values].every((value, tile) => isNear(value, expected[tile]!))).toBe(true);
    });
    await fc.assert(property, { numRuns: 120 });
  });

  it.each([3e38, 1e-30, 2 ** -149])("holds differences of %s, whose squares f32 does not", async (size) => {
    const left = await tensorOfValues("F32", [1, 3], Float32Array.of(size, -size, Number.NaN));
    const right = await tensorOfValues("F32", [1, 3], Float32Array.of(0, 0, 0));
    const map = await errorMap(left, right, { maxWidth: 1, maxHeight: 1 }, { backend: REFERENCE });
    expect(map.values[0]).toBe(Math.fround(size));
  });

  it("is 0 for a tensor and itself, and looks at some rows with a step", async () => {
    const one = await tensorOfValues("BF16", [12, 5], normalWeights(60, 3));
    const map = await errorMap(one, one, { maxWidth: 2, maxHeight: 12, rowStep: 3 }, { backend: REFERENCE });
    expect(map.values).toEqual(new Float32Array(24));
    expect([map.isCoarse, map.tensor]).toEqual([true, "w"]);
  });

  it("compares matrices, however many axes they have", async () => {
    const flat = await tensorOfValues("F32", [6, 2], normalWeights(12, 1));
    const deep = await tensorOfValues("F32", [3, 2, 2], normalWeights(12, 1));
    const map = await errorMap(flat, deep, { maxWidth: 1, maxHeight: 1 }, { backend: REFERENCE });
    expect(map.values).toEqual(Float32Array.of(0));
  });

  it("refuses shapes that differ", async () => {
    const left = await tensorOfValues("F32", [2, 3], new Float32Array(6));
    const right = await tensorOfValues("F32", [3, 2], new Float32Array(6));
    const refused = errorMap(left, right, { maxWidth: 1, maxHeight: 1 }, { backend: REFERENCE });
    await expect(refused).rejects.toMatchObject({
      code: "analysis/shapes-differ",
      message: '"w" has 2 × 3 weights and "w" 3 × 2; only weights of one shape have a difference.',
    });
  });
});
