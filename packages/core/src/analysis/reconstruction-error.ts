import type { ErrorStatistics } from "../backend/ops/statistics-ops.js";

/** Distance between a weight and its approximation. */
export interface ReconstructionError {
  readonly rows: number;
  readonly columns: number;
  /** Mean of (w − ŵ)². */
  readonly meanSquaredError: number;
  /** Σ (w − ŵ)² / Σ w²; 0 when both are 0, Infinity when only the weight is 0. */
  readonly relativeSquaredError: number;
  /** 10 · log10(Σ w² / Σ (w − ŵ)²); Infinity for an exact copy. */
  readonly sqnrDb: number;
  /** Σ w·ŵ / (|w| |ŵ|); 1 when both are zero, 0 when one is. */
  readonly cosine: number;
  /** Largest |w − ŵ|. */
  readonly maximumError: number;
  /** Pairs left out because one or both are NaN or infinite. */
  readonly nonFiniteCount: number;
  /** Rows of the largest relative squared error, worst first. */
  readonly worstRows: readonly RowError[];
}

export interface RowError {
  readonly row: number;
  readonly relativeSquaredError: number;
  readonly maximumError: number;
}

/** Adds up the rows of a matrix. Sums are f64, row by row in ascending order, whatever the blocks are. */
export interface ReconstructionErrorAccumulator {
  /** Figures of the next rows, as `errorStatistics` found them. */
  add(block: ErrorStatistics): void;
  finish(): ReconstructionError;
}

const DEFAULT_WORST_ROWS = 5;

/** @param worstRows how many rows are listed at most. */
export function createReconstructionError(
  columns: number,
  worstRows: number = DEFAULT_WORST_ROWS,
): ReconstructionErrorAccumulator {
  let rows = 0;
  let signal = 0;
  let noise = 0;
  let approximationPower = 0;
  let product = 0;
  let maximumError = 0;
  let nonFiniteCount = 0;
  const worst: RowError[] = [];

  return {
    add(block) {
      for (let i = 0; i < block.signal.length; i++) {
        signal += block.signal[i]!;
        noise += block.noise[i]!;
        approximationPower += block.approximationPower[i]!;
        product += block.product[i]!;
        maximumError = Math.max(maximumError, block.maximum[i]!);
        nonFiniteCount += block.nonFiniteCount[i]!;
        const relative = relativeError(block.noise[i]!, block.signal[i]!);
        insertWorst(worst, { row: rows, relativeSquaredError: relative, maximumError: block.maximum[i]! }, worstRows);
        rows++;
      }
    },
    finish() {
      const compared = rows * columns - nonFiniteCount;
      return {
        rows,
        columns,
        meanSquaredError: compared > 0 ? noise / compared : 0,
        relativeSquaredError: relativeError(noise, signal),
        sqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
        cosine: cosine(product, signal, approximationPower),
        maximumError,
        nonFiniteCount,
        worstRows: [...worst],
      };
    },
  };
}

function relativeError(noise: number, signal: number): number {
  return noise === 0 ? 0 : noise / signal;
}

function cosine(product: number, signal: number, approximationPower: number): number {
  if (signal === 0 && approximationPower === 0) return 1;
  if (signal === 0 || approximationPower === 0) return 0;
  return product / (Math.sqrt(signal) * Math.sqrt(approximationPower));
}

/** Keeps `worst` sorted, the upper row first among equals; rows come in ascending order. */
function insertWorst(worst: RowError[], candidate: RowError, most: number): void {
  let at = worst.length;
  while (at > 0 && worst[at - 1]!.relativeSquaredError < candidate.relativeSquaredError) at--;
  if (at >= most) return;
  worst.splice(at, 0, candidate);
  if (worst.length > most) worst.pop();
}
