import { f16Bits, f16Value } from "./f16-bits.js";

const { fround, abs } = Math;

/** An f16 and whole numbers whose products, rounded to f32, are given scales. */
export interface SuperScale {
  readonly bits: number;
  readonly steps: readonly number[];
}

/**
 * Finds d and integers in [low, high] with f32(d · step) equal to every scale: whatever a super-block stood for is found
 * again, though perhaps with another d. Undefined where there is none.
 */
export function recoverSuperScale(scales: Float32Array, low: number, high: number): SuperScale | undefined {
  let top = 0;
  for (const scale of scales) {
    if (!Number.isFinite(scale)) return undefined;
    if (abs(scale) > abs(top)) top = scale;
  }
  if (top === 0) return { bits: 0, steps: Array.from(scales, () => 0) };
  // The largest scale usually stands on the end of the range that is further from 0.
  const ends = Array.from({ length: high - low + 1 }, (_, i) => low + i).sort((a, b) => abs(b) - abs(a));
  for (const step of ends) {
    if (step === 0) continue;
    const bits = f16Bits(fround(top / step));
    const d = f16Value(bits);
    if (d === 0 || fround(d * step) !== top) continue;
    const steps = Array.from(scales, (scale) => Math.round(scale / d) + 0);
    if (steps.every((s, i) => s >= low && s <= high && fround(d * s) === scales[i])) return { bits, steps };
  }
  return undefined;
}
