import { describe, expect, it } from "vitest";
import { allocateErrorStatistics } from "../backend/statistics-arrays.js";
import { addRows, cosineSimilarity, joinErrors, NO_ERROR, relativeError, sqnrDb } from "./error-sums.js";

function statistics(rows: readonly { signal: number; noise: number }[]) {
  const errors = allocateErrorStatistics(rows.length);
  rows.forEach(({ signal, noise }, row) => {
    errors.signal[row] = signal;
    errors.noise[row] = noise;
    errors.approximationPower[row] = signal;
    errors.product[row] = signal - noise;
    errors.maximum[row] = noise / 2;
  });
  return errors;
}

describe("error sums", () => {
  const rows = Array.from({ length: 40 }, (_, row) => ({ signal: 1 + (row % 3), noise: (row * 7) % 11 }));

  it("are the same for one part and for several", () => {
    const whole = addRows(NO_ERROR, statistics(rows), 0, rows.length, 5);
    const parts = [0, 13, 30].map((start, index, starts) => {
      const part = rows.slice(start, starts[index + 1]);
      return addRows(NO_ERROR, statistics(part), start, part.length, 5);
    });
    expect(parts.reduce(joinErrors, NO_ERROR)).toEqual(whole);
    expect(whole.weights).toBe(200);
    expect(whole.maximum).toBe(5);
  });

  it("list the worst rows, the lower one on a tie", () => {
    const { worstRows } = addRows(NO_ERROR, statistics(rows), 0, rows.length, 5);
    const expected = rows
      .map((row, index) => ({ row: index, ...row }))
      .toSorted((left, right) => right.noise / right.signal - left.noise / left.signal || left.row - right.row)
      .slice(0, 8);
    expect(worstRows).toEqual(expected);
  });

  it("give figures for exact copies and zeros", () => {
    expect(relativeError({ signal: 0, noise: 0 })).toBe(0);
    expect(relativeError({ signal: 0, noise: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(sqnrDb({ signal: 100, noise: 1 })).toBe(20);
    expect(sqnrDb({ signal: 1, noise: 0 })).toBe(Number.POSITIVE_INFINITY);
    expect(cosineSimilarity(NO_ERROR)).toBe(1);
    expect(cosineSimilarity({ ...NO_ERROR, signal: 4, approximationPower: 9, product: 6 })).toBe(1);
    expect(cosineSimilarity({ ...NO_ERROR, signal: 4, approximationPower: 0, product: 0 })).toBe(0);
  });
});
