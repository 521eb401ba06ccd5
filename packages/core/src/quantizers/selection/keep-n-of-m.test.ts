import { describe, expect, it } from "vitest";
import { normalWeights } from "../quantize-matrix.fixture.js";
import { keepMostImportant } from "./keep-n-of-m.js";

describe("keepMostImportant", () => {
  it.each([0, 1, 2, 3, 4, 7, 8])("prunes exactly %i of every 8, the least important", (prune) => {
    const values = normalWeights(5 * 32, 9).map(Math.abs);
    const kept = keepMostImportant({ values, rows: 5, columns: 32 }, prune);
    for (let begin = 0; begin < values.length; begin += 8) {
      const order = [0, 1, 2, 3, 4, 5, 6, 7].sort((a, b) => values[begin + a]! - values[begin + b]!);
      order.forEach((i, rank) => {
        expect(kept[begin + i]).toBe(rank < prune ? 0 : 1);
      });
    }
  });

  it("prunes the first of equally important weights, and a shorter last span by its share rounded down", () => {
    const kept = keepMostImportant({ values: new Float32Array(2 * 13).fill(1), rows: 2, columns: 13 }, 4);
    const row = [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1];
    expect([...kept]).toEqual([...row, ...row]);
  });
});
