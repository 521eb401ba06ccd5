import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { signMap } from "./sign-map.js";
import { finite, mean, openCase, tileFigures, windowCase } from "./window-cases.fixture.js";

describe("signMap", () => {
  it("has the mean sign of the finite weights of every tile", async () => {
    const property = fc.asyncProperty(windowCase, async (found) => {
      const { checkpoint, tensor, values, context } = await openCase(found);
      const map = await signMap(checkpoint, tensor, found, context);
      const expected = tileFigures(values, found.columns, map, (all) => mean(finite(all).map(Math.sign)));
      expect([...map.values]).toEqual(expected.map((value) => Math.fround(value)));
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("counts zeros of both signs as 0 and leaves infinities and NaN out", async () => {
    const values = Float32Array.of(
      -0,
      0,
      -1,
      -2,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      1e-45,
    );
    const { checkpoint, tensor } = await tensorOfValues("F32", [4, 2], values);
    const map = await signMap(checkpoint, tensor, { maxWidth: 1, maxHeight: 4 }, { backend: REFERENCE });
    expect(map.values).toEqual(Float32Array.of(0, -1, Number.NaN, 1));
  });

  it("refuses integers", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [2], Float32Array.of(1, 2));
    const integers = { ...tensor, dtype: "I32" as const };
    const refused = signMap(checkpoint, integers, { maxWidth: 1, maxHeight: 1 }, { backend: REFERENCE });
    await expect(refused).rejects.toMatchObject({ code: "analysis/unsupported-dtype" });
  });
});
