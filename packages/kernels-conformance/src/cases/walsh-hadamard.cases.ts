import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectSameFloats } from "../expectations.js";
import { RandomData, unaligned } from "../random-data.js";

export function walshHadamardCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  const compare = (values: Float32Array, rows: number, columns: number, size: number) => {
    const actual = unaligned(values, 4);
    const wanted = values.slice();
    subject().walshHadamard({ values: actual, rows, columns }, size);
    oracle.walshHadamard({ values: wanted, rows, columns }, size);
    expectSameFloats(actual, wanted);
    return actual;
  };

  it.each([1, 2, 4, 8, 16, 32, 64, 256, 4096])("transforms spans of %i", (size) => {
    const random = new RandomData(81);
    compare(random.weights(3 * size), 3, size, size);
    compare(random.oddWeights(5 * 3 * size), 5, 3 * size, size);
  });

  it.each([1, 2, 8, 64, 128, 4096])("rounds subnormal results of spans of %i half to even", (size) => {
    const random = new RandomData(82);
    compare(random.subnormalWeights(3 * size), 3, size, size);
    for (const factor of [2 ** -10, 2 ** 2, 2 ** 5, 2 ** 6]) {
      compare(
        random.subnormalWeights(2 * size).map((w) => w * factor),
        2,
        size,
        size,
      );
    }
    compare(new Float32Array(size).fill(2 ** -121), 1, size, size); // one result of √size times as much, zeros
  });

  it("turns a unit vector into ±1/√size, Sylvester order", () => {
    const values = new Float32Array(32);
    values[5] = 1;
    const found = compare(values, 1, 32, 32);
    const bitCount = (x: number) => x.toString(2).split("1").length - 1;
    expect([...found]).toEqual(
      [...found].map((_, i) => (bitCount(i & 5) % 2 === 0 ? 1 : -1) * Math.fround(1 / Math.sqrt(32))),
    );
  });

  it("transforms nothing in an empty block", () => {
    compare(new Float32Array(0), 0, 64, 64);
  });

  it("refuses sizes that do not exist or do not fit", () => {
    for (const size of [0, 3, 12, 128, -2, 0.5]) {
      expect(() => subject().walshHadamard({ values: new Float32Array(64), rows: 1, columns: 64 }, size)).toThrow(
        expect.objectContaining({ code: "backend/transform-size" }),
      );
    }
  });
}
