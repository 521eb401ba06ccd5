import { allocateErrorStatistics, type KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFigures } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";

export function errorStatisticsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (values: Float32Array, approximation: Float32Array, rows: number, columns: number) => {
    const actual = allocateErrorStatistics(rows);
    const wanted = allocateErrorStatistics(rows);
    subject().errorStatistics({ values, rows, columns }, approximation, actual);
    oracle.errorStatistics({ values, rows, columns }, approximation, wanted);
    expectSameFigures(actual, wanted);
    return actual;
  };

  it("has the same figures at every length and start", () => {
    const random = new RandomData(41);
    for (const columns of [...ODD_LENGTHS, 1023, 1024, 1025, 3000]) {
      compare(unaligned(random.weights(3 * columns), 4), unaligned(random.weights(3 * columns), 8), 3, columns);
      compare(random.oddWeights(2 * columns), random.subnormalWeights(2 * columns), 2, columns);
    }
  });

  it("leaves out pairs of which one is NaN or infinite", () => {
    const random = new RandomData(42);
    for (const columns of [1, 17, 64, 1500]) {
      compare(random.nonFiniteWeights(2 * columns), random.weights(2 * columns), 2, columns);
      compare(random.weights(2 * columns), random.nonFiniteWeights(2 * columns), 2, columns);
    }
    const found = compare(
      Float32Array.of(Number.NaN, 3, 4, 5),
      Float32Array.of(1, Number.NEGATIVE_INFINITY, 2, 5),
      1,
      4,
    );
    expect([found.nonFiniteCount[0], found.noise[0], found.signal[0], found.maximum[0]]).toEqual([2, 4, 41, 2]);
  });

  it("loses and overflows nothing in spans of immoderate magnitudes", () => {
    const largest = 3.4028234663852886e38;
    expect(compare(Float32Array.of(largest), Float32Array.of(-1e38), 1, 1).noise[0]).toBeLessThan(
      Number.POSITIVE_INFINITY,
    );
    const found = compare(Float32Array.of(1), Float32Array.of(2 ** -41), 1, 1);
    expect(found.noise[0]).toBe((1 - 2 ** -41) ** 2);
  });

  it("sums moderate spans in f32, at both ends of what is moderate", () => {
    expect(compare(Float32Array.of(1), Float32Array.of(2 ** -40), 1, 1).noise[0]).toBe(1);
    const random = new RandomData(43);
    for (const size of [2 ** -40, 2 ** -39, 2 ** 59, 1.999 * 2 ** 59, 2 ** 60]) {
      const scaled = (values: Float32Array) => values.map((value) => (value < 0 ? -size : size));
      compare(scaled(random.weights(1300)), scaled(random.weights(1300)), 1, 1300);
    }
    // One odd value changes the arithmetic of its span alone.
    const values = random.weights(2000);
    values[700] = 2 ** -100;
    compare(values, random.weights(2000), 1, 2000);
  });
}
