import { describe, expect, it } from "vitest";
import { normalWeights, REFERENCE, tensorOfBytes, tensorOfValues } from "./array-checkpoint.fixture.js";
import { findPlaces } from "./value-places.js";

const [rows, columns] = [6, 20];

/** Row 1 dead, row 4 constant, columns 3 and 19 dead (but for the constant row, so none), two outliers, one NaN. */
function weights(): Float32Array {
  const values = normalWeights(rows * columns, 7);
  values.fill(0, columns, 2 * columns);
  values.fill(0.5, 4 * columns, 5 * columns);
  for (let row = 0; row < rows; row++) values[row * columns + 3] = 0;
  values[4 * columns + 3] = 0.5;
  values[7 - 7 + 5] = -3;
  values[5 * columns + 19] = 2;
  values[2 * columns + 8] = Number.NaN;
  values[2 * columns + 9] = Number.POSITIVE_INFINITY;
  return values;
}

describe("findPlaces", () => {
  it.each(["F32", "BF16"] as const)("finds the same places in blocks of every size (%s)", async (dtype) => {
    const { checkpoint, tensor } = await tensorOfValues(dtype, [2, 3, columns], weights());
    // From parts of rows (16 or 32 elements) to all at once.
    for (const blockByteLength of [64, 72, 200, 4096]) {
      const found = await findPlaces(checkpoint, tensor, { threshold: 1 }, { backend: REFERENCE, blockByteLength });
      expect(found).toEqual({
        outlierCount: 2,
        outliers: [
          { row: 0, column: 5, value: -3 },
          { row: 5, column: 19, value: 2 },
        ],
        deadRows: { count: 1, first: [1] },
        constantRows: { count: 1, first: [4] },
        deadColumns: { count: 0, first: [] },
      });
    }
  });

  it("lists at most the limit, but counts all", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F16", [4, 8], new Float32Array(32));
    const found = await findPlaces(checkpoint, tensor, { threshold: 0, limit: 3 }, { backend: REFERENCE });
    expect(found).toMatchObject({
      outlierCount: 0,
      deadRows: { count: 4, first: [0, 1, 2] },
      deadColumns: { count: 8, first: [0, 1, 2] },
    });
  });

  it("reads rows of 4-bit weights that do not begin at a byte", async () => {
    const codes = Uint8Array.from({ length: 15 }, (_, i) => i * 11);
    const { checkpoint, tensor } = await tensorOfBytes("F4", [10, 3], codes);
    const values = new Float32Array(30);
    REFERENCE.decodeFloats("F4", codes, values);
    const found = await findPlaces(
      checkpoint,
      tensor,
      { threshold: 2, limit: 30 },
      { backend: REFERENCE, blockByteLength: 64 },
    );
    const wanted = Array.from(values, (value, i) => ({ row: Math.floor(i / 3), column: i % 3, value })).filter(
      ({ value }) => Math.abs(value) > 2,
    );
    expect(found.outliers).toEqual(wanted);
  });

  it("knows no dead columns of a vector, and no integers", async () => {
    const vector = await tensorOfValues("F32", [4], Float32Array.of(0, 0, 1, 0));
    const found = await findPlaces(vector.checkpoint, vector.tensor, { threshold: 5 }, { backend: REFERENCE });
    expect(found.deadColumns.count).toBe(0);
    const bytes = await tensorOfBytes("U8", [4], new Uint8Array(4));
    const refused = findPlaces(bytes.checkpoint, bytes.tensor, { threshold: 5 }, { backend: REFERENCE });
    await expect(refused).rejects.toMatchObject({ code: "analysis/unsupported-dtype" });
  });
});
