import { allocateOutlierTiles, type KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFigures } from "../expectations.js";
import { RandomData, unaligned } from "../random-data.js";

export function outlierTilesCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (
    values: Float32Array,
    [rows, columns]: readonly [number, number],
    [tileRows, tileColumns]: readonly [number, number],
    threshold: number,
  ) => {
    const grid = { tileRows, tileColumns };
    const actual = allocateOutlierTiles(rows, columns, grid);
    const wanted = allocateOutlierTiles(rows, columns, grid);
    actual.absMaximum.fill(9);
    actual.outlierCount.fill(9);
    subject().outlierTiles({ values, rows, columns }, grid, threshold, actual);
    oracle.outlierTiles({ values, rows, columns }, grid, threshold, wanted);
    expectSameFigures(actual, wanted);
    return actual;
  };

  it("overwrites tiles of every size, the last ones shorter", () => {
    const random = new RandomData(71);
    for (const [tileRows, tileColumns] of [
      [1, 1],
      [1, 16],
      [2, 17],
      [3, 40],
      [7, 100],
      [100, 1000],
    ] as const) {
      const values = unaligned(random.weights(7 * 100), 4);
      compare(values, [7, 100], [tileRows, tileColumns], 0.03);
    }
  });

  it("leaves out NaN and infinities", () => {
    const random = new RandomData(72);
    for (const columns of [1, 15, 16, 33, 300])
      compare(random.nonFiniteWeights(4 * columns), [4, columns], [2, 20], 1e-3);
  });

  it("has no outlier where |w| is the threshold, in vectors and behind them", () => {
    const values = Float32Array.from({ length: 2 * 37 }, (_, i) => (i % 3 === 0 ? -0.25 : i % 3 === 1 ? 0.25 : 0.5));
    const found = compare(values, [2, 37], [1, 37], 0.25);
    expect([...found.outlierCount]).toEqual([12, 12]);
    expect([...compare(values, [2, 37], [1, 37], 0.5).outlierCount]).toEqual([0, 0]);
  });

  it("compares with the threshold as f64", () => {
    const values = Float32Array.of(0.1, -0.1, 0.2, 0, -0, 2 ** -149);
    expect(compare(values, [1, 6], [1, 6], 0.1).outlierCount[0]).toBe(3); // f32(0.1) > 0.1
    expect(compare(values, [1, 6], [1, 6], Math.fround(0.1)).outlierCount[0]).toBe(1);
    expect(compare(values, [1, 6], [1, 6], 0).outlierCount[0]).toBe(4);
    expect(compare(values, [1, 6], [1, 6], 1e-46).outlierCount[0]).toBe(4);
    expect(compare(values, [1, 6], [1, 6], -1).outlierCount[0]).toBe(6);
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      expect(compare(values, [1, 6], [1, 6], none).outlierCount[0]).toBe(0);
    }
  });
}
