import { hadamardMatrix, hadamardOrder, oddPart } from "./hadamard-matrix.js";
import { randomOrthogonalMatrix } from "./orthogonal-matrix.js";

/**
 * An orthogonal matrix R = diag(signs) · (core ⊗ H) of `size` = order · span: H is the orthonormal Walsh–Hadamard matrix of
 * the power of two `span`. Applied to row vectors: x ← x · R.
 */
export interface Rotation {
  readonly size: number;
  /** ±1, [size] */
  readonly signs: Int8Array;
  /** Orthogonal, [order, order]. */
  readonly core: Float64Array;
  readonly order: number;
  readonly span: number;
}

/**
 * A rotation with random signs: a Hadamard matrix over its root where one is known for the size, else a random orthogonal
 * matrix of the size's odd part, crossed with the Walsh–Hadamard matrix of the rest.
 * @param random uniform numbers in [0, 1); the same numbers give the same rotation everywhere
 */
export function randomRotation(size: number, random: () => number): Rotation {
  const signs = Int8Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1));
  const known = hadamardOrder(size);
  const order = known ?? oddPart(size);
  const core =
    known === undefined
      ? randomOrthogonalMatrix(order, random)
      : Float64Array.from(hadamardMatrix(order)!, (sign) => sign / Math.sqrt(order));
  return { size, signs, core, order, span: size / order };
}

/**
 * x ← x · R for every vector of a panel, in f64: element i of vector v stands at `begin + i · vectors + v`. With one vector
 * this is a row of a matrix; with as many as a matrix has columns it is Rᵀ · W for the `size` rows from `begin` on.
 */
export function rotatePanel(rotation: Rotation, values: Float64Array, begin: number, vectors: number): void {
  const { size, signs, order, span } = rotation;
  for (let i = 0; i < size; i++) {
    if (signs[i] === 1) continue;
    const at = begin + i * vectors;
    for (let v = at; v < at + vectors; v++) values[v]! *= -1;
  }
  for (let part = 0; part < order; part++) walshHadamardPanel(values, begin + part * span * vectors, span, vectors);
  if (order > 1) crossWithCore(rotation, values, begin, vectors);
}

/** Rotates every row of a matrix [rows, size]: W · R. */
export function rotateRows(rotation: Rotation, values: Float64Array): void {
  for (let begin = 0; begin < values.length; begin += rotation.size) rotatePanel(rotation, values, begin, 1);
}

function walshHadamardPanel(values: Float64Array, begin: number, span: number, vectors: number): void {
  const scale = 1 / Math.sqrt(span);
  for (let distance = 1; distance < span; distance *= 2) {
    for (let i = 0; i < span; i++) {
      if (i & distance) continue;
      const from = begin + i * vectors;
      const to = from + distance * vectors;
      for (let v = 0; v < vectors; v++) {
        const a = values[from + v]!;
        const b = values[to + v]!;
        values[from + v] = a + b;
        values[to + v] = a - b;
      }
    }
  }
  for (let at = begin; at < begin + span * vectors; at++) values[at]! *= scale;
}

/** y[i, l] = Σ_k x[k, l] · core[k, i]. */
function crossWithCore(
  { core, order, span, size }: Rotation,
  values: Float64Array,
  begin: number,
  vectors: number,
): void {
  const width = span * vectors;
  const before = values.slice(begin, begin + size * vectors);
  for (let i = 0; i < order; i++) {
    const to = begin + i * width;
    values.fill(0, to, to + width);
    for (let k = 0; k < order; k++) {
      const factor = core[k * order + i]!;
      const from = k * width;
      for (let l = 0; l < width; l++) values[to + l]! += factor * before[from + l]!;
    }
  }
}
