import { describe, expect, it } from "vitest";
import { REFERENCE, tensorOfBytes, tensorOfValues } from "./array-checkpoint.fixture.js";
import { valueWindow } from "./value-window.js";

const context = { backend: REFERENCE };

describe("valueWindow", () => {
  it("has values as they are", async () => {
    const values = Float32Array.of(1, -0, Number.NaN, Number.POSITIVE_INFINITY, 5, 6);
    const { checkpoint, tensor } = await tensorOfValues("F32", [2, 3], values);
    const window = { row: 0, rows: 2, column: 1, columns: 2 };
    const found = await valueWindow(checkpoint, tensor, window, context);
    expect(found).toEqual({ window, values: Float32Array.of(-0, Number.NaN, 5, 6) });
  });

  it("reads four-bit floats that begin within a byte", async () => {
    // F4 codes 0 … 7, low nibble first: 0, 0.5, 1, 1.5, 2, 3, 4, 6.
    const { checkpoint, tensor } = await tensorOfBytes("F4", [8, 1], Uint8Array.of(0x10, 0x32, 0x54, 0x76));
    const found = await valueWindow(checkpoint, tensor, { row: 3, rows: 4, column: 0, columns: 1 }, context);
    expect([...found.values]).toEqual([1.5, 2, 3, 4]);
  });

  it("has no values in an empty window", async () => {
    const { checkpoint, tensor } = await tensorOfValues("F32", [2, 3], new Float32Array(6));
    const found = await valueWindow(checkpoint, tensor, { row: 2, rows: 0, column: 0, columns: 3 }, context);
    expect(found.values).toEqual(new Float32Array(0));
  });

  it.each([
    [{ row: 0, rows: 257, column: 0, columns: 1 }, "window.rows is 257; allowed are integers from 0 to 256."],
    [{ row: 0, rows: 1, column: 0, columns: 301 }, "window.columns is 301; allowed are integers from 0 to 300."],
    [{ row: 0, rows: 1, column: 0, columns: 300 }, "window.columns is 300; allowed are integers from 0 to 256."],
    [{ row: 301, rows: 0, column: 0, columns: 1 }, "window.row is 301; allowed are integers from 0 to 300."],
  ])("refuses %j", async (window, message) => {
    const { checkpoint, tensor } = await tensorOfValues("BF16", [300, 300], new Float32Array(90_000));
    const refused = valueWindow(checkpoint, tensor, window, context);
    await expect(refused).rejects.toMatchObject({ code: "analysis/invalid-option", message });
  });
});
