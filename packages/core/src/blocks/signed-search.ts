import { clampedInteger } from "./nearest-integer.js";

const { fround, abs } = Math;

/** Below this largest magnitude ggml takes a sub-block for zeros. */
export const LEAST_MAGNITUDE: number = fround(1e-15);

/** The value of largest magnitude, the first of equals. */
export function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (const value of values) if (abs(value) > abs(largest)) largest = value;
  return largest;
}

/**
 * ggml's search for Q6_K: `w ≈ scale · (code − half)`, codes 0 … 2·half − 1. The value of largest magnitude is put on
 * −(half + i/10) steps for i = 0, −9 … 9; for the codes of each the scale of least squares weighted with w², and the
 * winner has the largest share of the weighted squares explained. Leaves its codes in `codes`; returns the scale.
 */
export function searchSigned(half: number, values: Float32Array, codes: Uint8Array): number {
  const largest = largestMagnitude(values);
  codes.fill(0);
  if (abs(largest) < LEAST_MAGNITUDE) return 0;
  let scale = 0;
  let best = 0;
  for (const step of [0, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    const inverse = fround(-fround(half + fround(fround(0.1) * step)) / largest);
    const levels = Array.from(values, (value) => clampedInteger(fround(inverse * value), -half, half - 1));
    const { sumXL, sumL2 } = squareWeightedSums(values, levels);
    const isBetter = step === 0 || (sumL2 > 0 && fround(sumXL * sumXL) > fround(best * sumL2));
    if (!isBetter) continue;
    scale = sumL2 !== 0 ? fround(sumXL / sumL2) : 0;
    best = fround(scale * sumXL);
    codes.set(levels.map((level) => level + half));
  }
  return scale;
}

/** Most passes of the greedy search. */
const MOST_PASSES = 5;

/**
 * ggml's search for Q3_K: levels −half … half − 1 on the step that puts the value of largest magnitude on −half; then weight
 * after weight takes the level that fits the scale of all others, where that explains more of the squares (weighted
 * with w²), until a pass changes nothing. Leaves the codes (level + half) in `codes`; returns the scale.
 */
export function searchGreedy(half: number, values: Float32Array, codes: Uint8Array): number {
  const largest = largestMagnitude(values);
  codes.fill(0);
  if (abs(largest) < LEAST_MAGNITUDE) return 0;
  const inverse = fround(-half / largest);
  const levels = Array.from(values, (value) => clampedInteger(fround(inverse * value), -half, half - 1));
  let { sumXL, sumL2 } = squareWeightedSums(values, levels);
  for (let pass = 0, changed = true; changed && pass < MOST_PASSES; pass++) {
    changed = false;
    for (let i = 0; i < values.length; i++) {
      const x = values[i]!;
      const w = fround(x * x);
      const wx = fround(w * x);
      const old = levels[i]!;
      let othersXL = fround(sumXL - fround(wx * old));
      if (!(othersXL > 0)) continue;
      let othersL2 = fround(sumL2 - fround(fround(w * old) * old));
      const level = clampedInteger(fround(fround(x * othersL2) / othersXL), -half, half - 1);
      if (level === old) continue;
      othersXL = fround(othersXL + fround(wx * level));
      othersL2 = fround(othersL2 + fround(fround(w * level) * level));
      const gain = fround(fround(othersXL * othersXL) * sumL2);
      if (!(othersL2 > 0 && gain > fround(fround(sumXL * sumXL) * othersL2))) continue;
      levels[i] = level;
      sumXL = othersXL;
      sumL2 = othersL2;
      changed = true;
    }
  }
  codes.set(levels.map((level) => level + half));
  return sumL2 > 0 ? fround(sumXL / sumL2) : 0;
}

/** Σ w²·w·level and Σ w²·level² in f32, in the order of the weights. */
function squareWeightedSums(values: Float32Array, levels: ArrayLike<number>): { sumXL: number; sumL2: number } {
  let sumXL = 0;
  let sumL2 = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    const w = fround(x * x);
    const level = levels[i]!;
    sumXL = fround(sumXL + fround(fround(w * x) * level));
    sumL2 = fround(sumL2 + fround(fround(w * level) * level));
  }
  return { sumXL, sumL2 };
}
