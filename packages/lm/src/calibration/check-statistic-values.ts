import { LowbitError } from "@lowbit/core/errors";
import type { StatisticKind, StatisticValues } from "@lowbit/core/quantizers";

/**
 * Values that no data give: NaN, infinities, negative means; in a Hessian a negative diagonal, or |h_ij| above √(h_ii · h_jj)
 * (the inequality of Cauchy and Schwarz, with room for rounding).
 * @throws `calibration/statistics-damaged`
 */
export function checkStatisticValues(
  tensor: string,
  kind: StatisticKind,
  inFeatures: number,
  values: StatisticValues,
): void {
  const wrong = kind === "hessian" ? wrongInHessian(values, inFeatures) : values.findIndex((value) => !isMean(value));
  if (wrong < 0) return;
  throw new LowbitError(
    "calibration/statistics-damaged",
    `${tensor}: value ${wrong} is ${values[wrong]}, which no ${kind} has.`,
    { tensor, index: wrong, found: String(values[wrong]) },
  );
}

const isMean = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;

/** Rounding of f32 sums over some 10^5 tokens, with a wide margin. */
const ROOM = 1 + 1e-3;

function wrongInHessian(lower: StatisticValues, size: number): number {
  // Squares of tiny inputs underflow where their products with others do not: the floor is the least normal f32.
  const roots = Float64Array.from({ length: size }, (_, i) => {
    const diagonal = lower[(i * (i + 3)) / 2]!;
    return diagonal < 0 ? Number.NaN : Math.sqrt(Math.max(diagonal, 2 ** -126));
  });
  for (let i = 0, place = 0; i < size; i++) {
    for (let j = 0; j <= i; j++, place++) {
      // A NaN on either side makes the comparison false.
      if (!(Math.abs(lower[place]!) <= roots[i]! * roots[j]! * ROOM) || lower[place] === Number.POSITIVE_INFINITY) {
        return place;
      }
    }
  }
  return -1;
}
