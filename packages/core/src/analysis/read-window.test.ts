import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TensorReader } from "../safetensors/checkpoint.js";
import { REFERENCE, tensorOfValues } from "./array-checkpoint.fixture.js";
import { readWindow } from "./read-window.js";
import { requireFloatTensor } from "./value-places.js";
import { cut, openCase, windowCase } from "./window-cases.fixture.js";

describe("readWindow", () => {
  it("has the values of any window of any dtype, in blocks of any size", async () => {
    const property = fc.asyncProperty(windowCase, async (found) => {
      const { checkpoint, tensor, values, context } = await openCase(found);
      const read = await readWindow(checkpoint, requireFloatTensor(tensor), found.window, context);
      expect([...read]).toEqual(cut(values, found.columns, found.window));
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it("leaves out what lies between the rows of a narrow window of a wide matrix", async () => {
    const [rows, columns] = [4, 40_000];
    const values = Float32Array.from({ length: rows * columns }, (_, i) => i);
    const { checkpoint, tensor } = await tensorOfValues("F32", [rows, columns], values);
    let bytes = 0;
    const counting: TensorReader = {
      read: (from, offset, target, options) => {
        bytes += target.byteLength;
        return checkpoint.read(from, offset, target, options);
      },
    };
    const window = { row: 1, rows: 3, column: 39_000, columns: 100 };
    const read = await readWindow(counting, requireFloatTensor(tensor), window, { backend: REFERENCE });
    expect([...read]).toEqual(cut(values, columns, window));
    expect(bytes).toBe(3 * 100 * 4);
  });
});
