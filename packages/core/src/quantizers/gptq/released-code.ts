import type { StatisticValues } from "../layer-statistics.js";

/**
 * What the released code does with inputs that are 0 in every sample: it puts 1 in their place on the diagonal, and then
 * counts these ones, in the mean that the damping is a part of and in act-order.
 */
export interface CountedDiagonal {
  /** H[j][j], 1 where it is 0. */
  readonly diagonal: Float64Array;
  /** What to multiply a damping by that is taken as a part of the mean of the other inputs. */
  readonly dampingRatio: number;
}

/** @param hessian packed lower triangle, see `LayerStatistics` */
export function countedDiagonal(hessian: StatisticValues, columns: number): CountedDiagonal {
  const diagonal = new Float64Array(columns);
  let [sum, ones] = [0, 0];
  for (let j = 0; j < columns; j++) {
    const value = hessian[(j * (j + 3)) / 2]!;
    if (value > 0) sum += value;
    else ones++;
    diagonal[j] = value > 0 ? value : 1;
  }
  const live = columns - ones;
  // Nothing is left to damp where all inputs are 0.
  return { diagonal, dampingRatio: live === 0 ? 1 : (((sum + ones) / columns) * live) / sum };
}
