import { describe, expect, it } from "vitest";
import { rowBlocks, rowChunks, rowsPerBlock, rowsPerChunk } from "./row-chunks.js";

const SHAPES = [
  { rows: 1, columns: 1 },
  { rows: 7, columns: 172 },
  { rows: 4096, columns: 4096 },
  { rows: 5000, columns: 11008 },
  { rows: 20_000, columns: 3 },
  { rows: 3, columns: 1_000_000 },
];

describe("rowChunks and rowBlocks", () => {
  it.each(SHAPES)("cover $rows × $columns once, in order", (shape) => {
    const blocks = rowChunks(shape).flatMap((chunk) => rowBlocks(shape, chunk));
    let next = 0;
    for (const { start, count } of blocks) {
      expect(start).toBe(next);
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(rowsPerBlock(shape));
      next += count;
    }
    expect(next).toBe(shape.rows);
  });

  it("keeps a block at 2^17 weights, unless a row is longer", () => {
    expect(rowsPerBlock({ rows: 4096, columns: 4096 })).toBe(32);
    expect(rowsPerBlock({ rows: 3, columns: 1_000_000 })).toBe(1);
    expect(rowsPerBlock({ rows: 10 ** 6, columns: 1 })).toBe(4096);
  });

  it("bounds the rows of a chunk by those of the matrix", () => {
    expect(rowsPerChunk({ rows: 10, columns: 4096 })).toBe(10);
    expect(rowsPerChunk({ rows: 4096, columns: 4096 })).toBe(512);
  });

  it("has no chunk for a matrix without rows", () => {
    expect(rowChunks({ rows: 0, columns: 8 })).toEqual([]);
  });
});
