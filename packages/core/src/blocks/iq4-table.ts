import { LEAST_MAGNITUDE, largestMagnitude } from "./signed-search.js";

const { fround, abs } = Math;

/** The sixteen levels of IQ4_NL and IQ4_XS: constants of the format. */
export const IQ4_LEVELS: readonly number[] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

/** Half way between neighbours; what lies on one belongs to the upper level. */
const BOUNDARIES = IQ4_LEVELS.slice(1).map((level, i) => (level + IQ4_LEVELS[i]!) / 2);

/** Code of the nearest level. */
export function nearestLevel(value: number): number {
  let code = 0;
  for (const boundary of BOUNDARIES) if (value >= boundary) code++;
  return code;
}

/**
 * ggml's search without importance: the value of largest magnitude on level 127 and on −127 − 7 … −127 + 7; for the levels
 * nearest to each the scale of least squares weighted with w²; the scale with the largest share of the weighted squares
 * explained wins.
 */
export function searchLevels(values: Float32Array): number {
  const largest = largestMagnitude(values);
  if (abs(largest) < LEAST_MAGNITUDE) return 0;
  const first = fround(1 / fround(-largest / IQ4_LEVELS[0]!));
  const inverses = [first];
  for (let i = -7; i <= 7; i++) inverses.push(fround((i + IQ4_LEVELS[0]!) / largest));
  let scale = 0;
  let best = 0;
  inverses.forEach((inverse, candidate) => {
    const levels = Array.from(values, (value) => IQ4_LEVELS[nearestLevel(fround(inverse * value))]!);
    const { sumXL, sumL2 } = squareWeightedLevels(values, levels);
    if (candidate === 0) scale = sumL2 > 0 ? fround(sumXL / sumL2) : 0;
    else if (sumL2 > 0 && fround(sumXL * sumXL) > fround(best * sumL2)) scale = fround(sumXL / sumL2);
    else return;
    best = fround(scale * sumXL);
  });
  return scale;
}

/** As `squareWeightedSums`, but w²·level comes first in the product. */
function squareWeightedLevels(values: Float32Array, levels: readonly number[]): { sumXL: number; sumL2: number } {
  let sumXL = 0;
  let sumL2 = 0;
  values.forEach((x, i) => {
    const wl = fround(fround(x * x) * levels[i]!);
    sumXL = fround(sumXL + fround(wl * x));
    sumL2 = fround(sumL2 + fround(wl * levels[i]!));
  });
  return { sumXL, sumL2 };
}
