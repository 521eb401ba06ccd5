import type { KernelBackend } from "@lowbit/core/backend";
import { expect, it } from "vitest";
import { RandomData } from "../random-data.js";
import { FACTOR_RELATIVE } from "../tolerances.js";

/** Units are 24 columns and panels 96 rows: one less, one more, several of them. */
const SIZES = [1, 2, 3, 7, 8, 9, 23, 24, 25, 47, 48, 95, 96, 97, 120, 191, 192, 193, 250] as const;

export function inverseFactorCases(subject: () => KernelBackend, oracle: KernelBackend): void {
  it.each(SIZES)("factors the inverse of a matrix of %i inputs", (size) => {
    const matrix = hessian(size, size, new RandomData(400 + size));
    const [actual, wanted] = [new Float32Array(size * size).fill(7), new Float32Array(size * size)];
    expect(subject().inverseFactor(matrix.slice(), size, actual)).toBe(-1);
    expect(oracle.inverseFactor(matrix.slice(), size, wanted)).toBe(-1);
    expectSameFactor(actual, wanted, size);
    expect(distanceFromIdentity(actual, matrix, size)).toBeLessThan(1e-4);
  });

  it("reads the lower triangle", () => {
    const size = 101;
    const matrix = hessian(size, size, new RandomData(9));
    const [actual, wanted] = [new Float32Array(size * size), new Float32Array(size * size)];
    oracle.inverseFactor(matrix.slice(), size, wanted);
    for (let i = 0; i < size; i++) matrix.fill(Number.NaN, i * size + i + 1, (i + 1) * size);
    expect(subject().inverseFactor(matrix, size, actual)).toBe(-1);
    expectSameFactor(actual, wanted, size);
  });

  it("takes no inputs", () => {
    expect(subject().inverseFactor(new Float64Array(), 0, new Float32Array())).toBe(-1);
  });

  it("keeps inputs apart that share nothing", () => {
    const size = 130;
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) matrix[i * size + i] = 4 ** ((i % 9) - 4);
    const factor = new Float32Array(size * size);
    expect(subject().inverseFactor(matrix, size, factor)).toBe(-1);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const wanted = i === j ? 2 ** (4 - (i % 9)) : 0;
        if (Math.abs(factor[i * size + j]!) !== wanted) expect({ i, j, value: factor[i * size + j] }).toEqual(wanted);
      }
    }
  });

  it("factors matrices whose pivots are far from 1", () => {
    for (const [scale, damping] of [
      [1e-200, 1e-2],
      [1e30, 1e-2],
      [1, 1e-7],
    ] as const) {
      const size = 100;
      // Half as many samples as inputs: without damping it is not positive definite.
      const matrix = hessian(size, 50, new RandomData(77), damping).map((value) => value * scale);
      const [actual, wanted] = [new Float32Array(size * size), new Float32Array(size * size)];
      expect(subject().inverseFactor(matrix.slice(), size, actual)).toBe(-1);
      expect(oracle.inverseFactor(matrix.slice(), size, wanted)).toBe(-1);
      if (scale >= 1) expectSameFactor(actual, wanted, size);
      else expect(actual.some((value) => !Number.isFinite(value))).toBe(true); // U beyond the range of f32
    }
  });

  it.each([
    ["a pivot of 0 (a dead input)", 0],
    ["a negative pivot", -1],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["negative infinity", Number.NEGATIVE_INFINITY],
  ])("names the input of %s", (_, value) => {
    for (const size of [5, 130]) {
      const whole = hessian(size, size, new RandomData(5));
      for (const input of [0, 3, size - 1, size >> 1]) {
        const matrix = whole.slice();
        for (let i = 0; i < size; i++) matrix[i * size + input] = matrix[input * size + i] = 0;
        matrix[input * size + input] = value;
        const outcome = subject().inverseFactor(matrix, size, new Float32Array(size * size));
        expect({ size, input, outcome }).toEqual({ size, input, outcome: input });
      }
    }
  });

  it("names the lower of two inputs between which there is NaN or infinity", () => {
    const size = 150;
    const whole = hessian(size, size, new RandomData(6));
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const [low, high] of [
        [0, 1],
        [10, 149],
        [96, 97],
        [95, 96],
      ] as const) {
        const matrix = whole.slice();
        matrix[low * size + high] = matrix[high * size + low] = value;
        const outcome = subject().inverseFactor(matrix, size, new Float32Array(size * size));
        expect({ low, high, outcome }).toEqual({ low, high, outcome: low });
      }
    }
  });

  it("names the first input, from the last on, that the ones after it determine", () => {
    const size = 140;
    const matrix = hessian(size, size, new RandomData(8));
    // Inputs 60 and 20 repeat input 100.
    for (const copy of [60, 20]) {
      for (let i = 0; i < size; i++) matrix[copy * size + i] = matrix[100 * size + i]!;
      for (let i = 0; i < size; i++) matrix[i * size + copy] = matrix[i * size + 100]!;
    }
    matrix[60 * size + 60]! -= 1e-6 * matrix[60 * size + 60]!;
    expect(subject().inverseFactor(matrix, size, new Float32Array(size * size))).toBe(60);
  });
}

/** XᵀX of `samples` correlated samples, plus `damping` of the mean diagonal. */
function hessian(size: number, samples: number, random: RandomData, damping = 0.01): Float64Array {
  const x = new Float64Array(samples * size);
  for (let row = 0; row < samples; row++) {
    const common = random.normal();
    for (let i = 0; i < size; i++) x[row * size + i] = random.normal() * (1 + (i % 5)) + common;
  }
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let row = 0; row < samples; row++) sum += x[row * size + i]! * x[row * size + j]!;
      matrix[i * size + j] = matrix[j * size + i] = sum;
    }
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i]!;
  for (let i = 0; i < size; i++) matrix[i * size + i]! += (damping * trace) / size;
  return matrix;
}

/** Relative to the largest value of the row: U is rounded once, sums are f64 in another order. */
function expectSameFactor(actual: Float32Array, wanted: Float32Array, size: number): void {
  for (let i = 0; i < size; i++) {
    const row = wanted.subarray(i * size, (i + 1) * size);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let j = 0; j < size; j++) {
      const [found, right] = [actual[i * size + j]!, row[j]!];
      const isSame = j < i ? found === 0 : Math.abs(found - right) <= FACTOR_RELATIVE * largest;
      if (!isSame) expect({ size, i, j, value: found }).toEqual({ size, i, j, value: right });
    }
  }
}

/** The largest element of |UᵀU·H − I|. */
function distanceFromIdentity(factor: Float32Array, matrix: Float64Array, size: number): number {
  let worst = 0;
  for (let column = 0; column < size; column++) {
    const product = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = i; k < size; k++) sum += factor[i * size + k]! * matrix[k * size + column]!;
      for (let k = i; k < size; k++) product[k]! += factor[i * size + k]! * sum;
    }
    for (let i = 0; i < size; i++) worst = Math.max(worst, Math.abs(product[i]! - (i === column ? 1 : 0)));
  }
  return worst;
}
