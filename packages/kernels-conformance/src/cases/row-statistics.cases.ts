import { allocateRowStatistics, type KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFigures } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

export function rowStatisticsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (values: Float32Array, rows: number, columns: number) => {
    const actual = allocateRowStatistics(rows);
    const wanted = allocateRowStatistics(rows);
    subject().rowStatistics({ values, rows, columns }, actual);
    oracle.rowStatistics({ values, rows, columns }, wanted);
    expectSameFigures(actual, wanted);
    return actual;
  };

  it("has the same figures at every length and start", () => {
    const random = new RandomData(31);
    for (const columns of [...ODD_LENGTHS, 1023, 1024, 1025, 2047, 5000]) {
      compare(unaligned(random.weights(3 * columns), 4), 3, columns);
      compare(unaligned(random.oddWeights(3 * columns), 12), 3, columns);
    }
  });

  it("leaves out NaN and infinities and counts them", () => {
    const random = new RandomData(32);
    for (const columns of [1, 15, 17, 64, 1100, 3000]) compare(random.nonFiniteWeights(5 * columns), 5, columns);
    const row = Float32Array.from([Number.NaN, 1, Number.POSITIVE_INFINITY, -2, Number.NEGATIVE_INFINITY]);
    const found = compare(row, 1, 5);
    expect([...found.nanCount, ...found.infiniteCount, ...found.minimum, ...found.maximum]).toEqual([1, 2, -2, 1]);
  });

  it("is exact on subnormal rows", () => {
    const random = new RandomData(33);
    for (const columns of [1, 16, 100, 2048]) compare(random.subnormalWeights(2 * columns), 2, columns);
    const least = 2 ** -149;
    const found = compare(new Float32Array(64).fill(-least), 1, 64);
    expect([found.sum[0], found.sum2[0], found.absMaximum[0]]).toEqual([-64 * least, 64 * least * least, least]);
  });

  it("neither overflows nor underflows in the fourth power of the largest and smallest weights", () => {
    const largest = 3.4028234663852886e38;
    const found = compare(new Float32Array(32).fill(largest), 1, 32);
    expect(found.sum4[0]).toBe(32 * (largest * largest) ** 2);
  });

  it("gives +0 for zeros of both signs, and empty extremes for empty rows", () => {
    const zeros = compare(new Float32Array(40).fill(-0), 2, 20);
    expect([zeros.minimum[0], zeros.maximum[1], zeros.zeroCount[0]]).toEqual([0, 0, 20]);
    const empty = compare(new Float32Array(0), 2, 0);
    expect([empty.minimum[0], empty.maximum[1], empty.absMaximum[0]]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
    ]);
  });
}
