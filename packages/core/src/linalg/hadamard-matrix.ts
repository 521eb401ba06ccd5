import { type GaloisField, galoisField } from "./galois-field.js";

/** Largest order that `hadamardOrder` tries: dense products with larger matrices would cost more than the layer they turn. */
const LARGEST_ORDER = 512;

/** By order: layers of one model ask for the same few matrices again and again. */
const constructed = new Map<number, Int8Array | undefined>();

/**
 * A Hadamard matrix, ±1 with H·Hᵀ = order · I, row-major: Sylvester for powers of two, else Paley's first or second
 * construction (R. E. A. C. Paley, "On orthogonal matrices", 1933). undefined for orders that these do not reach
 * (92, 116, 156, 172 …). The array is shared: leave it as it is.
 */
export function hadamardMatrix(order: number): Int8Array | undefined {
  if (!constructed.has(order)) constructed.set(order, construct(order));
  return constructed.get(order);
}

function construct(order: number): Int8Array | undefined {
  if (order >= 1 && Number.isInteger(Math.log2(order))) {
    return squareMatrix(order, (i, j) => (isOdd(i & j) ? -1 : 1));
  }
  if (order % 4 !== 0) return undefined;
  const first = (order - 1) % 4 === 3 ? galoisField(order - 1) : undefined;
  if (first !== undefined) return firstPaley(first);
  const second = (order / 2 - 1) % 4 === 1 ? galoisField(order / 2 - 1) : undefined;
  return second && secondPaley(second);
}

/**
 * The smallest K ≤ 512 with a Hadamard matrix of order K (see `hadamardMatrix`) and size = K · 2^m; 1 for powers of two,
 * undefined where there is none.
 */
export function hadamardOrder(size: number): number | undefined {
  for (let order = oddPart(size); order <= Math.min(size, LARGEST_ORDER); order *= 2) {
    if (hadamardMatrix(order) !== undefined) return order;
  }
  return undefined;
}

/** The largest odd number that divides a count. */
export function oddPart(count: number): number {
  let rest = count;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest;
}

/** I + S for q ≡ 3 mod 4, S skew: a border of ones above, of minus ones to the left, and χ(i − j). */
function firstPaley(field: GaloisField): Int8Array {
  const character = quadraticCharacter(field);
  return squareMatrix(field.size + 1, (i, j) => {
    if (i === j) return 1;
    if (i === 0) return 1;
    return j === 0 ? -1 : character(field.subtract(i - 1, j - 1));
  });
}

/** C ⊗ [1 1; 1 −1] + I ⊗ [1 −1; −1 −1] for q ≡ 1 mod 4, C symmetric: a border of ones and χ(i − j). */
function secondPaley(field: GaloisField): Int8Array {
  const character = quadraticCharacter(field);
  return squareMatrix(2 * (field.size + 1), (row, column) => {
    const [i, j] = [row >> 1, column >> 1];
    const [a, b] = [row & 1, column & 1];
    if (i === j) return a === 0 && b === 0 ? 1 : -1;
    const core = i === 0 || j === 0 ? 1 : character(field.subtract(i - 1, j - 1));
    return a === 1 && b === 1 ? -core : core;
  });
}

/** χ: 1 for squares, −1 for the others (never asked for 0). */
function quadraticCharacter(field: GaloisField): (element: number) => number {
  const squares = new Set(Array.from({ length: field.size }, (_, a) => field.multiply(a, a)));
  return (element) => (squares.has(element) ? 1 : -1);
}

function squareMatrix(order: number, element: (i: number, j: number) => number): Int8Array {
  const matrix = new Int8Array(order * order);
  for (let i = 0; i < order; i++) for (let j = 0; j < order; j++) matrix[i * order + j] = element(i, j);
  return matrix;
}

function isOdd(bits: number): boolean {
  let rest = bits;
  rest ^= rest >>> 8;
  rest ^= rest >>> 4;
  rest ^= rest >>> 2;
  rest ^= rest >>> 1;
  return (rest & 1) === 1;
}
