/** A mean over scored tokens. */
export interface Estimate {
  readonly mean: number;
  /** Absent with fewer than two windows. */
  readonly standardError?: number;
}

/**
 * A mean over tokens and its standard error. Tokens of a window depend on each other, windows hardly: the error is that of
 * the ratio of sums over windows, √(n / (n − 1) · Σ (sum_w − mean · count_w)²) / Σ count_w. With windows of equal length this
 * is the standard deviation of the window means over √n.
 */
export class WindowMean {
  readonly #sums: number[] = [];
  readonly #counts: number[] = [];

  add(window: number, value: number): void {
    this.#sums[window] = (this.#sums[window] ?? 0) + value;
    this.#counts[window] = (this.#counts[window] ?? 0) + 1;
  }

  estimate(): Estimate {
    const windows = this.#sums.length;
    const count = this.#counts.reduce((sum, value) => sum + value, 0);
    const mean = this.#sums.reduce((sum, value) => sum + value, 0) / count;
    if (windows < 2) return { mean };
    const squares = this.#sums.reduce((sum, value, w) => sum + (value - mean * this.#counts[w]!) ** 2, 0);
    return { mean, standardError: Math.sqrt((windows / (windows - 1)) * squares) / count };
  }
}

/** exp of an estimate; the error by the delta method. */
export function exponential({ mean, standardError }: Estimate): Estimate {
  const value = Math.exp(mean);
  return { mean: value, ...(standardError !== undefined && { standardError: value * standardError }) };
}

/** The value below which a share of the sorted values lies, linear between neighbours. */
export function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
