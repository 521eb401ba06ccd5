import type { ErrorStatistics } from "../backend/ops/statistics-ops.js";

/** A row and its part of the error. */
export interface RowError {
  readonly row: number;
  readonly signal: number;
  readonly noise: number;
}

/** Error of an approximation, as sums that can be joined; plain data. */
export interface ErrorSums {
  readonly weights: number;
  /** Σ w². */
  readonly signal: number;
  /** Σ (w − ŵ)². */
  readonly noise: number;
  /** Σ ŵ². */
  readonly approximationPower: number;
  /** Σ w·ŵ. */
  readonly product: number;
  /** Largest |w − ŵ|. */
  readonly maximum: number;
  /** Pairs of which one is NaN or infinite (in comparisons: and the other is not the same); left out of every sum. */
  readonly nonFiniteCount: number;
  /** The rows with the largest relative error, worst first; the lower row on a tie. */
  readonly worstRows: readonly RowError[];
}

const WORST_ROWS = 8;

export const NO_ERROR: ErrorSums = {
  weights: 0,
  signal: 0,
  noise: 0,
  approximationPower: 0,
  product: 0,
  maximum: 0,
  nonFiniteCount: 0,
  worstRows: [],
};

/** Adds rows `firstRow` … one by one, in ascending order. */
export function addRows(
  sums: ErrorSums,
  errors: ErrorStatistics,
  firstRow: number,
  rows: number,
  columns: number,
): ErrorSums {
  let { signal, noise, approximationPower, product, maximum, nonFiniteCount } = sums;
  const candidates: RowError[] = [...sums.worstRows];
  let threshold = candidates.length < WORST_ROWS ? -1 : relativeError(candidates.at(-1)!);
  for (let row = 0; row < rows; row++) {
    const rowError = { row: firstRow + row, signal: errors.signal[row]!, noise: errors.noise[row]! };
    signal += rowError.signal;
    noise += rowError.noise;
    approximationPower += errors.approximationPower[row]!;
    product += errors.product[row]!;
    maximum = Math.max(maximum, errors.maximum[row]!);
    nonFiniteCount += errors.nonFiniteCount[row]!;
    if (relativeError(rowError) > threshold) {
      candidates.push(rowError);
      candidates.sort(worstFirst);
      if (candidates.length > WORST_ROWS) candidates.pop();
      if (candidates.length === WORST_ROWS) threshold = relativeError(candidates.at(-1)!);
    }
  }
  const weights = sums.weights + rows * columns;
  return { weights, signal, noise, approximationPower, product, maximum, nonFiniteCount, worstRows: candidates };
}

/** Joins the sums of two parts; `later` has the higher rows. */
export function joinErrors(earlier: ErrorSums, later: ErrorSums): ErrorSums {
  return {
    weights: earlier.weights + later.weights,
    signal: earlier.signal + later.signal,
    noise: earlier.noise + later.noise,
    approximationPower: earlier.approximationPower + later.approximationPower,
    product: earlier.product + later.product,
    maximum: Math.max(earlier.maximum, later.maximum),
    nonFiniteCount: earlier.nonFiniteCount + later.nonFiniteCount,
    worstRows: [...earlier.worstRows, ...later.worstRows].sort(worstFirst).slice(0, WORST_ROWS),
  };
}

/** Noise over signal; 0 for an exact copy, infinite where something stands for zeros. */
export function relativeError({ signal, noise }: { readonly signal: number; readonly noise: number }): number {
  return noise === 0 ? 0 : noise / signal;
}

/** Signal to quantization-noise ratio in dB; infinite for an exact copy. */
export function sqnrDb({ signal, noise }: { readonly signal: number; readonly noise: number }): number {
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
}

/** Cosine of the angle between w and ŵ; 1 where both are zero, 0 where one is. */
export function cosineSimilarity({ signal, approximationPower, product }: ErrorSums): number {
  if (signal === 0 && approximationPower === 0) return 1;
  return signal === 0 || approximationPower === 0 ? 0 : product / (Math.sqrt(signal) * Math.sqrt(approximationPower));
}

const worstFirst = (left: RowError, right: RowError): number =>
  compare(relativeError(right), relativeError(left)) || left.row - right.row;
const compare = (left: number, right: number): number => (left === right ? 0 : left < right ? -1 : 1);
