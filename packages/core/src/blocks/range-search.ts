import { clampedInteger } from "./nearest-integer.js";

const { fround, abs } = Math;

/** Which steps a sub-block is tried with. */
export interface RangeRule {
  /** Codes are 0 … this. */
  readonly largestCode: number;
  /** Steps of (largestCode + first + i · 0.1) parts of the range, i = 0 … count. */
  readonly firstPart: number;
  readonly parts: number;
  /** Error: Σ w·|difference| or Σ w·difference². */
  readonly error: "absolute" | "squared";
}

/** w ≈ scale · code − minimum, both not negative. */
export interface ValueRange {
  readonly scale: number;
  readonly minimum: number;
}

/**
 * ggml's search for Q2_K, Q4_K and Q5_K: codes on every tried step, for these codes the scale and minimum of weighted least
 * squares (minimum ≥ 0: the grid reaches 0 or below), and of all candidates the one with the least error. All sums in f32,
 * in the order of the weights, no step fused (ggml as built for plain x86-64). A winner's minimum is where the next candidates begin. Leaves the winner's codes in `codes`.
 */
export function searchRange(
  rule: RangeRule,
  values: Float32Array,
  weights: Float32Array,
  codes: Uint8Array,
): ValueRange {
  const { largestCode, firstPart, parts } = rule;
  let low = values[0]!;
  let high = low;
  let sumW = weights[0]!;
  let sumX = fround(sumW * values[0]!);
  for (let i = 1; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
    sumW = fround(sumW + weights[i]!);
    sumX = fround(sumX + fround(weights[i]! * values[i]!));
  }
  if (low > 0) low = 0;
  codes.fill(0);
  if (high === low) return { scale: 0, minimum: -low };
  const inverse = fround(largestCode / fround(high - low));
  let scale = fround(1 / inverse);
  chooseCodes(values, low, inverse, largestCode, codes);
  let least = rangeError(rule, values, weights, codes, scale, low);
  const tried = new Uint8Array(codes.length);
  for (let i = 0; i <= parts; i++) {
    const part = fround(fround(firstPart + fround(fround(0.1) * i)) + largestCode);
    chooseCodes(values, low, fround(part / fround(high - low)), largestCode, tried);
    let sumL = 0;
    let sumL2 = 0;
    let sumXL = 0;
    for (let k = 0; k < values.length; k++) {
      const wl = fround(weights[k]! * tried[k]!);
      sumL = fround(sumL + wl);
      sumL2 = fround(sumL2 + fround(wl * tried[k]!));
      sumXL = fround(sumXL + fround(wl * values[k]!));
    }
    const determinant = fround(fround(sumW * sumL2) - fround(sumL * sumL));
    if (!(determinant > 0)) continue;
    let triedScale = fround(fround(fround(sumW * sumXL) - fround(sumX * sumL)) / determinant);
    let triedMinimum = fround(fround(fround(sumL2 * sumX) - fround(sumL * sumXL)) / determinant);
    if (triedMinimum > 0) {
      triedMinimum = 0;
      triedScale = fround(sumXL / sumL2);
    }
    const error = rangeError(rule, values, weights, tried, triedScale, triedMinimum);
    if (!(error < least)) continue;
    least = error;
    scale = triedScale;
    low = triedMinimum;
    codes.set(tried);
  }
  return { scale, minimum: -low };
}

function chooseCodes(values: Float32Array, low: number, inverse: number, largest: number, codes: Uint8Array): void {
  for (let i = 0; i < values.length; i++) {
    codes[i] = clampedInteger(fround(inverse * fround(values[i]! - low)), 0, largest);
  }
}

function rangeError(
  rule: RangeRule,
  values: Float32Array,
  weights: Float32Array,
  codes: Uint8Array,
  scale: number,
  minimum: number,
): number {
  let error = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = fround(fround(fround(scale * codes[i]!) + minimum) - values[i]!);
    const size = rule.error === "absolute" ? abs(difference) : fround(difference * difference);
    error = fround(error + fround(weights[i]! * size));
  }
  return error;
}
