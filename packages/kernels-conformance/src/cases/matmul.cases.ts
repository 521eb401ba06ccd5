import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { F32_PRODUCT_RELATIVE } from "../tolerances.js";

const SHAPES: readonly (readonly [m: number, n: number, k: number])[] = [
  [0, 3, 5],
  [3, 0, 5],
  [2, 3, 0],
  [1, 1, 1],
  [1, 17, 33],
  [17, 1, 31],
  [4, 6, 16],
  [5, 7, 15],
  [13, 11, 64],
  [33, 29, 129],
  [100, 13, 1100],
  [7, 103, 2049],
];

export function matmulCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SHAPES)("multiplies %i × %i over %i", (m, n, k) => {
    const random = new RandomData(21);
    const draw = (length: number) =>
      unaligned(
        Float32Array.from({ length }, () => random.normal()),
        4,
      );
    const a = draw(m * k);
    const b = draw(n * k);
    const actual = new Float32Array(m * n).fill(Number.NaN);
    const wanted = new Float32Array(m * n).fill(Number.NaN);
    subject().matmul(a, b, actual, m, n, k);
    oracle.matmul(a, b, wanted, m, n, k);
    for (let i = 0; i < m * n; i++) {
      let magnitude = 0;
      for (let l = 0; l < k; l++) magnitude += Math.abs(a[Math.floor(i / n) * k + l]! * b[(i % n) * k + l]!);
      const difference = Math.abs(actual[i]! - wanted[i]!);
      if (!(difference <= F32_PRODUCT_RELATIVE * magnitude))
        expect({ i, value: actual[i] }).toEqual({ i, value: wanted[i] });
    }
  });
}
