import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";

const SHAPES: readonly (readonly [rows: number, columns: number])[] = [
  [0, 5],
  [1, 1],
  [3, 15],
  [4, 16],
  [5, 17],
  [7, 172],
  [3, 257],
];

function cases(sums: (backend: KernelBackend, weights: Float32Array, rows: number, columns: number) => Float64Array) {
  return (subject: () => KernelBackend, oracle: KernelBackend): void => {
    const compare = (weights: Float32Array, rows: number, columns: number) => {
      const wanted = sums(oracle, weights, rows, columns);
      expect(sums(subject(), unaligned(weights, 4), rows, columns)).toEqual(wanted);
    };

    it("adds in the stated order for every shape", () => {
      const random = new RandomData(121);
      for (const [rows, columns] of SHAPES) compare(random.weights(rows * columns), rows, columns);
    });

    it("adds zeros of both signs, subnormals and extremes", () => {
      compare(new RandomData(122).oddWeights(600), 6, 100);
    });
  };
}

function factors(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 1 / (i + 3));
}

/** Adds to what the target holds. */
export const absColumnSumsCases: ReturnType<typeof cases> = cases((backend, values, rows, columns) => {
  const target = factors(columns);
  backend.absColumnSums({ values, rows, columns }, factors(rows), target);
  return target;
});

/** Overwrites what the target holds. */
export const absRowSumsCases: ReturnType<typeof cases> = cases((backend, values, rows, columns) => {
  const target = factors(rows);
  backend.absRowSums({ values, rows, columns }, factors(columns), target);
  return target;
});
