import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { F32_PRODUCT_RELATIVE } from "../tolerances.js";

/** [tokens, features]: tiles, panels and blocks of 256 tokens with rests; one of either; none. */
const SHAPES = [
  [1, 1],
  [5, 3],
  [3, 16],
  [17, 33],
  [40, 64],
  [256, 47],
  [257, 48],
  [600, 70],
  [7, 200],
  [0, 5],
  [4, 0],
] as const;

export function gramAccumulateCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each([
    ["f32", Float32Array],
    ["f64", Float64Array],
  ] as const)("adds to %s", (_, Type) => {
    const random = new RandomData(91);
    for (const [rows, columns] of SHAPES) {
      const values = unaligned(
        Float32Array.from({ length: rows * columns }, () => random.normal()),
        4,
      );
      const start = Float64Array.from({ length: (columns * (columns + 1)) / 2 }, (_, i) => (i % 7) - 3);
      const actual = new Type(start);
      const wanted = new Type(start);
      subject().gramAccumulate({ values, rows, columns }, actual);
      oracle.gramAccumulate({ values, rows, columns }, wanted);
      for (let i = 0; i < columns; i++) {
        for (let j = 0; j <= i; j++) {
          let magnitude = 3;
          for (let row = 0; row < rows; row++) {
            magnitude += Math.abs(values[row * columns + i]! * values[row * columns + j]!);
          }
          const at = (i * (i + 1)) / 2 + j;
          if (Math.abs(actual[at]! - wanted[at]!) <= F32_PRODUCT_RELATIVE * magnitude) continue;
          expect({ rows, columns, i, j, value: actual[at] }).toEqual({ rows, columns, i, j, value: wanted[at] });
        }
      }
    }
  });

  it("adds to f64 in f64", () => {
    const target = Float64Array.of(2 ** 40, 0, 2 ** 40);
    subject().gramAccumulate({ values: Float32Array.of(1, 2), rows: 1, columns: 2 }, target);
    expect([...target]).toEqual([2 ** 40 + 1, 2, 2 ** 40 + 4]);
  });

  it("hands NaN on to what it touches", () => {
    const target = new Float64Array(6);
    const values = Float32Array.of(1, Number.NaN, 2, 1, 1, 1);
    subject().gramAccumulate({ values, rows: 2, columns: 3 }, target);
    expect([...target]).toEqual([2, Number.NaN, Number.NaN, 3, Number.NaN, 5]);
  });
}
