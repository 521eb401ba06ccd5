import type { ValueTable } from "./value-table.js";

/** Figures of the finite weights; of the whole population, without Bessel's correction. */
export interface Moments {
  readonly mean: number;
  /** Standard deviation. */
  readonly std: number;
  /** √(Σ w² / n). */
  readonly rms: number;
  /** Third central moment over std³; NaN when the weights are constant. */
  readonly skewness: number;
  /** Fourth central moment over std⁴ (3 for a normal distribution); NaN when the weights are constant. */
  readonly kurtosis: number;
}

/** Power sums Σ w … Σ w⁴ over n weights. */
export interface PowerSums {
  readonly count: number;
  readonly sum: number;
  readonly sum2: number;
  readonly sum3: number;
  readonly sum4: number;
}

const NONE: Moments = {
  mean: Number.NaN,
  std: Number.NaN,
  rms: Number.NaN,
  skewness: Number.NaN,
  kurtosis: Number.NaN,
};

/** Two passes over the table, values ascending, all in f64: the mean first, then the powers of the distance from it. */
export function momentsOfTable({ values, counts, total }: ValueTable): Moments {
  if (total === 0) return NONE;
  let sum = 0;
  let sum2 = 0;
  for (let i = 0; i < values.length; i++) {
    sum += counts[i]! * values[i]!;
    sum2 += counts[i]! * (values[i]! * values[i]!);
  }
  const mean = values.length === 1 ? values[0]! : sum / total;
  let central2 = 0;
  let central3 = 0;
  let central4 = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = values[i]! - mean;
    const square = distance * distance;
    central2 += counts[i]! * square;
    central3 += counts[i]! * (square * distance);
    central4 += counts[i]! * (square * square);
  }
  return shape(mean, Math.sqrt(sum2 / total), central2 / total, central3 / total, central4 / total);
}

/** Below this share of the mean square, a variance from power sums is what rounding left of them. */
const ROUNDING_SHARE = 2 ** -40;

/** Central moments from power sums. Weights that lie closer than 2^-20 of their mean around it count as constant. */
export function momentsOfPowerSums({ count, sum, sum2, sum3, sum4 }: PowerSums): Moments {
  if (count === 0) return NONE;
  const mean = sum / count;
  const m2 = sum2 / count;
  const m3 = sum3 / count;
  const m4 = sum4 / count;
  const square = mean * mean;
  const variance = m2 - square;
  const rms = Math.sqrt(m2);
  if (variance <= ROUNDING_SHARE * m2) return shape(mean, rms, 0, 0, 0);
  const central3 = m3 - 3 * mean * m2 + 2 * mean * square;
  const central4 = m4 - 4 * mean * m3 + 6 * square * m2 - 3 * square * square;
  return shape(mean, rms, variance, central3, central4);
}

function shape(mean: number, rms: number, variance: number, central3: number, central4: number): Moments {
  const std = Math.sqrt(variance);
  return { mean, std, rms, skewness: central3 / (variance * std), kurtosis: central4 / (variance * variance) };
}
