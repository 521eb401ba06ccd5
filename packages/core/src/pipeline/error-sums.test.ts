import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../backend/reference/reference-backend.js";
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

  it("are those of the definition", () => {
    const [count, columns] = [40, 25];
    const w = Float32Array.from({ length: count * columns }, (_, i) => Math.sin(i * i));
    const approximation = w.map((value, i) => value + (i % 7 === 0 ? 0.01 : -0.001) * (1 + Math.floor(i / columns)));
    const errors = allocateErrorStatistics(count);
    createReferenceBackend().errorStatistics({ values: w, rows: count, columns }, approximation, errors);
    const sums = addRows(NO_ERROR, errors, 0, count, columns);
    const total = (of: (i: number) => number) => w.reduce((sum, _, i) => sum + of(i), 0);
    const noise = total((i) => (w[i]! - approximation[i]!) ** 2);
    const signal = total((i) => w[i]! ** 2);
    const power = total((i) => approximation[i]! ** 2);
    expect(relativeError(sums) / (noise / signal)).toBeCloseTo(1, 6);
    expect(sqnrDb(sums)).toBeCloseTo(10 * Math.log10(signal / noise), 5);
    expect(cosineSimilarity(sums)).toBeCloseTo(total((i) => w[i]! * approximation[i]!) / Math.sqrt(signal * power), 6);
    expect(sums.maximum).toBeCloseTo(0.4, 2);
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
