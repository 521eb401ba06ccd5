/** Uniform numbers in [0, 1). */
type RandomNumbers = () => number;

/** Summed uniform numbers that stand for one normal number: their variance is 1. */
const SUMMED = 12;

/**
 * A random orthogonal matrix [order, order], row-major: the Q of the QR factorisation of a matrix of (almost) normal
 * numbers, by Gram–Schmidt, every row projected twice. Additions, products, divisions and square roots only, so that the
 * same numbers give the same matrix everywhere.
 */
export function randomOrthogonalMatrix(order: number, random: RandomNumbers): Float64Array {
  const matrix = Float64Array.from({ length: order * order }, () => almostNormal(random));
  for (let row = 0; row < order; row++) {
    const vector = matrix.subarray(row * order, (row + 1) * order);
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < row; before++)
        project(vector, matrix.subarray(before * order, (before + 1) * order));
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < order; i++) vector[i]! /= length;
  }
  return matrix;
}

function almostNormal(random: RandomNumbers): number {
  let sum = -SUMMED / 2;
  for (let i = 0; i < SUMMED; i++) sum += random();
  return sum;
}

/** Takes the part along `unit` out of `vector`. */
function project(vector: Float64Array, unit: Float64Array): void {
  const factor = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i]! -= factor * unit[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
