/**
 * The field of q = p^k elements. An element is its index 0 … q − 1: the digits of the index to the base p are the
 * coefficients of a polynomial, lowest first, modulo the first irreducible monic polynomial of degree k (in the order of
 * these indices). For k = 1 these are the integers modulo p.
 */
export interface GaloisField {
  readonly size: number;
  subtract(a: number, b: number): number;
  multiply(a: number, b: number): number;
}

/** undefined unless q is the power of a prime. */
export function galoisField(q: number): GaloisField | undefined {
  const p = smallestFactor(q);
  const degree = Math.round(Math.log(q) / Math.log(p));
  if (q < 2 || p ** degree !== q) return undefined;
  const digits = (index: number): number[] => Array.from({ length: degree }, (_, i) => Math.floor(index / p ** i) % p);
  const index = (coefficients: readonly number[]): number =>
    coefficients.reduce((sum, coefficient, i) => sum + coefficient * p ** i, 0);
  const elements = Array.from({ length: q }, (_, i) => digits(i));
  const tail = irreducibleTail(elements, p);
  return {
    size: q,
    subtract: (a, b) => index(elements[a]!.map((coefficient, i) => (coefficient - elements[b]![i]! + p) % p)),
    multiply: (a, b) => index(product(elements[a]!, elements[b]!, tail, p)),
  };
}

/** Coefficients below the leading one of the first monic polynomial without zero divisors: the product of units is never 0. */
function irreducibleTail(elements: readonly (readonly number[])[], p: number): readonly number[] {
  const isZero = (element: readonly number[]) => element.every((coefficient) => coefficient === 0);
  const units = elements.slice(1);
  const hasDivisors = (tail: readonly number[]) =>
    units.some((a, i) => units.slice(i).some((b) => isZero(product(a, b, tail, p))));
  return elements.length === p ? [0] : elements.find((tail) => !hasDivisors(tail))!;
}

/** a · b modulo x^k + tail. */
function product(a: readonly number[], b: readonly number[], tail: readonly number[], p: number): number[] {
  const degree = a.length;
  const long = new Array<number>(2 * degree - 1).fill(0);
  for (let i = 0; i < degree; i++) for (let j = 0; j < degree; j++) long[i + j] = (long[i + j]! + a[i]! * b[j]!) % p;
  for (let i = long.length - 1; i >= degree; i--) {
    for (let j = 0; j < degree; j++) {
      const at = i - degree + j;
      long[at] = (long[at]! + (p - tail[j]!) * long[i]!) % p;
    }
  }
  return long.slice(0, degree);
}

function smallestFactor(n: number): number {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return factor;
  return n;
}
