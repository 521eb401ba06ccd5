import type { KernelBackend } from "@lowbit/core/backend";
import { columnSpan, type Matrix, rowMajor, transposed } from "@lowbit/core/tensor";
import { expect, it } from "vitest";
import { RandomData, unaligned } from "../random-data.js";
import { F32_PRODUCT_RELATIVE } from "../tolerances.js";

/** Around the tiles of every instruction set (4, 6, 12, 24 rows; 4 to 32 columns; 256 steps), and long in one direction. */
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
  [25, 34, 257],
  [100, 13, 300],
  [7, 103, 515],
];

/** How an operand lies in memory, made from its elements row by row. */
const PLACEMENTS = {
  "row-major": (values: Float32Array, rows: number, columns: number) => rowMajor(values, rows, columns),
  transposed: (values: Float32Array, rows: number, columns: number) =>
    transposed(rowMajor(transposedCopy(values, rows, columns), columns, rows)),
  "a span of columns": (values: Float32Array, rows: number, columns: number) => {
    const wide = new Float32Array(rows * (columns + 5)).fill(Number.NaN);
    const matrix = columnSpan(rowMajor(unaligned(wide, 4), rows, columns + 5), 2, columns + 2);
    fill(matrix, values);
    return matrix;
  },
  "every third element": (values: Float32Array, rows: number, columns: number) => {
    const apart = { rows, columns, rowStride: 3 * columns + 7, columnStride: 3 };
    const matrix = { values: new Float32Array(rows * apart.rowStride).fill(Number.NaN), ...apart };
    fill(matrix, values);
    return matrix;
  },
};
type Placement = keyof typeof PLACEMENTS;

const COMBINATIONS: readonly (readonly [a: Placement, b: Placement, c: Placement])[] = [
  ["row-major", "row-major", "row-major"],
  ["transposed", "row-major", "row-major"],
  ["row-major", "transposed", "row-major"],
  ["transposed", "transposed", "row-major"],
  ["row-major", "row-major", "transposed"],
  ["a span of columns", "a span of columns", "a span of columns"],
  ["every third element", "every third element", "every third element"],
];

export function matmulCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  for (const accumulate of [false, true]) {
    const what = accumulate ? "adds" : "writes";
    it.each(COMBINATIONS)(`${what} a %s, b %s, c %s`, (...placements) => {
      for (const shape of SHAPES) expectCloseMatrix(subject(), oracle, shape, placements, accumulate);
    });
  }

  it("multiplies one row by many, and many by one, of a matrix repeated without memory", () => {
    const repeated: Matrix = { values: Float32Array.of(1, 2, 3), rows: 40, columns: 3, rowStride: 0, columnStride: 1 };
    const c = rowMajor(new Float32Array(40 * 40), 40, 40);
    subject().matmul(repeated, repeated, c);
    expect(new Set(c.values)).toEqual(new Set([14]));
  });
}

function expectCloseMatrix(
  subject: KernelBackend,
  oracle: KernelBackend,
  [m, n, k]: (typeof SHAPES)[number],
  placements: readonly [Placement, Placement, Placement],
  accumulate: boolean,
): void {
  const random = new RandomData(21);
  const draw = (length: number) =>
    unaligned(
      Float32Array.from({ length }, () => random.normal()),
      4,
    );
  const [a, b] = [PLACEMENTS[placements[0]](draw(m * k), m, k), PLACEMENTS[placements[1]](draw(n * k), n, k)];
  const before = accumulate ? draw(m * n) : new Float32Array(m * n).fill(Number.NaN);
  const [actual, wanted] = [0, 1].map(() => PLACEMENTS[placements[2]](before, m, n)) as [Matrix, Matrix];
  subject.matmul(a, b, actual, accumulate);
  oracle.matmul(a, b, wanted, accumulate);
  const inProduct = new Set<number>();
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let magnitude = accumulate ? Math.abs(before[i * n + j]!) : 0;
      for (let l = 0; l < k; l++) magnitude += Math.abs(element(a, i, l) * element(b, j, l));
      inProduct.add(i * actual.rowStride + j * actual.columnStride);
      const [found, expected] = [element(actual, i, j), element(wanted, i, j)];
      if (!(Math.abs(found - expected) <= F32_PRODUCT_RELATIVE * magnitude)) {
        expect({ m, n, k, i, j, value: found }).toEqual({ m, n, k, i, j, value: expected });
      }
    }
  }
  const written = actual.values.findIndex((value, at) => !inProduct.has(at) && !Number.isNaN(value));
  expect({ m, n, k, writtenBesideTheProduct: written }).toEqual({ m, n, k, writtenBesideTheProduct: -1 });
}

function element({ values, rowStride, columnStride }: Matrix, row: number, column: number): number {
  return values[row * rowStride + column * columnStride]!;
}

function fill(matrix: Matrix, values: Float32Array): void {
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < matrix.columns; j++) {
      matrix.values[i * matrix.rowStride + j * matrix.columnStride] = values[i * matrix.columns + j]!;
    }
  }
}

function transposedCopy(values: Float32Array, rows: number, columns: number): Float32Array {
  const target = new Float32Array(rows * columns);
  fill(transposed(rowMajor(target, columns, rows)), values);
  return target;
}
