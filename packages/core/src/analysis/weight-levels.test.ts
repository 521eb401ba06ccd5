import { describe, expect, it } from "vitest";
import { REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { weightLevels } from "./weight-levels.js";

const context = { backend: REFERENCE, blockByteLength: 64 };

describe("weightLevels", () => {
  it("lists the distinct finite values of a part of a row", async () => {
    const values = Float32Array.of(9, 9, 9, 2, -0, 0, -1.5, Number.NaN, 2, Number.POSITIVE_INFINITY, -1.5, 9);
    const { checkpoint, tensor } = await tensorOfValues("F32", [2, 6], values);
    const levels = await weightLevels(checkpoint, tensor, { row: 0, column: 3, columns: 3 }, context);
    expect(levels).toEqual(Float64Array.of(0, 2));
    const row = await weightLevels(checkpoint, tensor, { row: 1, column: 0, columns: 6 }, context);
    expect(row).toEqual(Float64Array.of(-1.5, 2, 9));
  });

  it.each([
    [256, 256],
    [257, 0],
  ])("of %i distinct values are %i levels", async (distinct, count) => {
    const values = Float32Array.from({ length: 600 }, (_, i) => i % distinct);
    const { checkpoint, tensor } = await tensorOfValues("F32", [1, 600], values);
    const levels = await weightLevels(checkpoint, tensor, { row: 0, column: 0, columns: 600 }, context);
    expect(levels.length).toBe(count);
  });

  it("has none in a part without columns", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [1, 2], Float32Array.of(1, 2));
    expect(await weightLevels(checkpoint, tensor, { row: 0, column: 2, columns: 0 }, context)).toEqual(
      new Float64Array(0),
    );
  });

  it("refuses parts outside the matrix", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [1, 2], Float32Array.of(1, 2));
    const refused = weightLevels(checkpoint, tensor, { row: 1, column: 0, columns: 2 }, context);
    await expect(refused).rejects.toMatchObject({ code: "analysis/invalid-option" });
  });
});
