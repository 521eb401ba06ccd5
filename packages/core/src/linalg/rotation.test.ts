import { describe, expect, it } from "vitest";
import { galoisField } from "./galois-field.js";
import { hadamardMatrix, hadamardOrder } from "./hadamard-matrix.js";
import { randomOrthogonalMatrix } from "./orthogonal-matrix.js";
import { randomRotation, rotatePanel, rotateRows } from "./rotation.js";

/** A generator of the test's own: results must not depend on which one is used. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const PALEY_FIRST = [12, 20, 24, 28, 44, 48, 60, 68, 72, 80, 84, 104, 108, 140, 344];
const PALEY_SECOND = [36, 52, 76, 100, 148];

describe("Hadamard matrices", () => {
  it.each([1, 2, 4, 16, ...PALEY_FIRST, ...PALEY_SECOND])("order %i is orthogonal and made of signs", (order) => {
    const matrix = hadamardMatrix(order)!;
    expect(new Set(matrix.map(Math.abs))).toEqual(new Set([1]));
    for (let i = 0; i < order; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < order; k++) sum += matrix[i * order + k]! * matrix[j * order + k]!;
        if (sum !== (i === j ? order : 0)) expect.fail(`rows ${i} and ${j} of order ${order} have product ${sum}`);
      }
    }
  });

  it.each([0, 3, 6, 10, 92, 116, 156, 172])("order %i is out of reach", (order) => {
    expect(hadamardMatrix(order)).toBeUndefined();
  });

  it("order 4 of Sylvester's construction is the one of the Walsh–Hadamard transform", () => {
    expect([...hadamardMatrix(4)!]).toEqual([1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1]);
  });

  it.each([
    [256, 1],
    [576, 36],
    [768, 12],
    [352, 44],
    [896, 28],
    [1536, 12],
    [4864, 76],
    [11008, 344],
    [13824, 108],
    [14336, 28],
    [18944, 148],
    [172, undefined],
    [250, undefined],
  ])("the size %i is a multiple of order %s", (size, order) => {
    expect(hadamardOrder(size)).toBe(order);
  });
});

describe("finite fields", () => {
  it.each([9, 25, 27, 49])("%i elements: every element but 0 has one inverse, a − a is 0", (q) => {
    const field = galoisField(q)!;
    for (let a = 0; a < q; a++) {
      expect(field.subtract(a, a)).toBe(0);
      const row = new Set(Array.from({ length: q }, (_, b) => field.multiply(a, b)));
      expect(row.size).toBe(a === 0 ? 1 : q);
    }
  });

  it.each([1, 6, 91, 115])("there is none of %i elements", (q) => {
    expect(galoisField(q)).toBeUndefined();
  });
});

describe("rotations", () => {
  it("a random orthogonal matrix is orthogonal to 1e-14", () => {
    const order = 43;
    const matrix = randomOrthogonalMatrix(order, numbers(1));
    for (let i = 0; i < order; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < order; k++) sum += matrix[i * order + k]! * matrix[j * order + k]!;
        expect(Math.abs(sum)).toBeLessThan(1e-14);
      }
    }
  });

  it.each([1, 2, 8, 12, 36, 172, 250, 576, 768])("of size %i is orthogonal, and R of e_i is row i", (size) => {
    const rotation = randomRotation(size, numbers(size));
    const matrix = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
    rotateRows(rotation, matrix); // I · R = R
    let worst = 0;
    for (let i = 0; i < size; i += Math.max(1, size >> 5)) {
      for (let j = 0; j < size; j++) {
        let sum = i === j ? -1 : 0;
        for (let k = 0; k < size; k++) sum += matrix[i * size + k]! * matrix[j * size + k]!;
        worst = Math.max(worst, Math.abs(sum));
      }
    }
    expect(worst).toBeLessThan(1e-12);
    // As a panel of columns: Rᵀ · R = I.
    rotatePanel(rotation, matrix, 0, size);
    for (let at = 0; at < matrix.length; at++) {
      const off = Math.abs(matrix[at]! - (at % (size + 1) === 0 ? 1 : 0));
      if (off > 1e-12) expect.fail(`element ${at} of Rᵀ·R is off by ${off}`);
    }
  });

  it("spreads a single large channel over all", () => {
    const x = new Float64Array(768);
    x[5] = 100;
    rotatePanel(randomRotation(768, numbers(3)), x, 0, 1);
    for (const value of x) expect(Math.abs(value)).toBeCloseTo(100 / Math.sqrt(768), 10);
  });

  it("the same numbers give the same rotation", () => {
    expect(randomRotation(172, numbers(7))).toEqual(randomRotation(172, numbers(7)));
    expect(randomRotation(172, numbers(7))).not.toEqual(randomRotation(172, numbers(8)));
  });
});
