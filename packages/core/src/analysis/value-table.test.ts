import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantile } from "./quantile.js";
import { countAbove, magnitudeTable, valueTable } from "./value-table.js";

const weights = fc.array(fc.constantFrom(-3, -1.5, -1, -0, 0, 0.25, 1, 3, Number.NaN, Number.POSITIVE_INFINITY), {
  minLength: 1,
});
const tableOf = (list: readonly number[]) =>
  valueTable(
    Float64Array.from(list),
    list.map(() => 1),
  );
const expand = ({ values, counts }: { values: Float64Array; counts: Float64Array }) =>
  Array.from(values).flatMap((value, i) => Array<number>(counts[i]!).fill(value));
const ascending = (list: readonly number[]) =>
  list
    .filter(Number.isFinite)
    .map((w) => w + 0)
    .sort((a, b) => a - b);

describe("valueTable", () => {
  it("is the sorted list of finite values, its magnitudes too", () => {
    fc.assert(
      fc.property(weights, (list) => {
        const table = tableOf(list);
        expect(expand(table)).toEqual(ascending(list));
        expect(table.total).toBe(ascending(list).length);
        expect(expand(magnitudeTable(table))).toEqual(ascending(list.map(Math.abs)));
        expect(countAbove(table, 1)).toBe(ascending(list).filter((w) => Math.abs(w) > 1).length);
      }),
    );
  });
});

describe("quantile", () => {
  it("interpolates between order statistics", () => {
    const table = tableOf([4, 1, 2, 3]);
    expect([0, 0.5, 1, 0.1].map((share) => quantile(table, share))).toEqual([1, 2.5, 4, 1.3]);
    expect(quantile(tableOf([Number.NaN]), 0.5)).toBeNaN();
  });

  it("never leaves the values and never falls", () => {
    fc.assert(
      fc.property(
        weights,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, a, b) => {
          const table = tableOf(list);
          fc.pre(table.total > 0);
          const [low, high] = [quantile(table, Math.min(a, b)), quantile(table, Math.max(a, b))];
          expect(low).toBeLessThanOrEqual(high);
          expect(low).toBeGreaterThanOrEqual(table.values[0]!);
          expect(high).toBeLessThanOrEqual(table.values.at(-1)!);
        },
      ),
    );
  });
});
