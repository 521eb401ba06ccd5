import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { expectCloseFloats, expectSameFloats } from "../expectations.js";
import { ODD_LENGTHS, RandomData, unaligned } from "../random-data.js";
import { LAYER_RELATIVE } from "../tolerances.js";

/** One rounding an element: the same bits as the reference. */
export function addToCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it("adds at every length and start", () => {
    const random = new RandomData(131);
    for (const length of [...ODD_LENGTHS, 4096, 4097, 10_000]) {
      const [x, wanted] = [unaligned(random.nonFiniteWeights(length), 4), random.nonFiniteWeights(length)];
      const actual = unaligned(wanted, 8);
      subject().addTo(x, actual);
      oracle.addTo(x, wanted);
      expectSameFloats(actual, wanted);
    }
  });
}

export function addBiasCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it("adds to every row at every length and start", () => {
    const random = new RandomData(132);
    for (const columns of [...ODD_LENGTHS, 1000]) {
      for (const rows of [0, 1, 5]) {
        const [bias, wanted] = [unaligned(random.oddWeights(columns), 4), random.nonFiniteWeights(rows * columns)];
        const actual = unaligned(wanted, 8);
        subject().addBias(bias, { values: actual, rows, columns });
        oracle.addBias(bias, { values: wanted, rows, columns });
        expectSameFloats(actual, wanted);
      }
    }
  });
}

export function gatherRowsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each([
    ["F16", 2],
    ["BF16", 2],
    ["F32", 4],
  ] as const)("decodes rows of %s in any order and from any start", (dtype, width) => {
    const random = new RandomData(133);
    const tableRows = 11;
    for (const columns of [...ODD_LENGTHS, 576]) {
      const table = unaligned(random.bytes(tableRows * columns * width), 1);
      for (const count of [0, 1, 2, 40]) {
        const rows = Uint32Array.from({ length: count }, () => random.integer(0, tableRows - 1));
        const [actual, wanted] = [unaligned(new Float32Array(count * columns), 4), new Float32Array(count * columns)];
        subject().gatherRows(dtype, table, rows, { values: actual, rows: count, columns });
        oracle.gatherRows(dtype, table, rows, { values: wanted, rows: count, columns });
        expectSameFloats(actual, wanted);
      }
    }
  });

  it("takes the last row of the table", () => {
    const target = new Float32Array(2);
    const table = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
    subject().gatherRows("F32", table, Uint32Array.of(2), { values: target, rows: 1, columns: 2 });
    expect([...target]).toEqual([5, 6]);
  });
}

/** Additions to the same row come in the order of the tokens: the same bits. */
export function scatterRowsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it("adds rows to the table, several to the same one", () => {
    const random = new RandomData(134);
    const tableRows = 5;
    for (const columns of [...ODD_LENGTHS, 1000]) {
      for (const count of [0, 1, 30]) {
        const rows = Uint32Array.from({ length: count }, () => random.integer(0, tableRows - 1));
        const [dy, wanted] = [random.activations(count * columns), random.weights(tableRows * columns)];
        const actual = unaligned(wanted, 8);
        subject().scatterRows(rows, { values: dy, rows: count, columns }, actual);
        oracle.scatterRows(rows, { values: dy, rows: count, columns }, wanted);
        expectSameFloats(actual, wanted);
      }
    }
  });
}

export function addColumnSumsCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it("adds the sums of every size and start", () => {
    const random = new RandomData(135);
    for (const columns of [...ODD_LENGTHS, 1000]) {
      for (const rows of [0, 1, 2, 130]) {
        const [values, wanted] = [random.activations(rows * columns), random.activations(columns)];
        const actual = unaligned(wanted, 8);
        subject().addColumnSums({ values, rows, columns }, actual);
        oracle.addColumnSums({ values, rows, columns }, wanted);
        expectCloseFloats(actual, wanted, LAYER_RELATIVE);
      }
    }
  });
}
