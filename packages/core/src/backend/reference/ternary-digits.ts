import { roundHalfEven } from "../../linalg/round-half-even.js";

/** Digit 0, 1, 2 (−1, 0, +1): w / scale rounded half to even and clamped to ±1; 0 for every w where scale is not above 0. */
export function roundedDigit(w: number, scale: number): number {
  if (!(scale > 0)) return 1;
  const quotient = Math.fround(w / scale);
  return 1 + roundHalfEven(Math.min(1, Math.max(-1, quotient)));
}

/** Digit 0, 1, 2: the sign of w where |w| > threshold, else 0. */
export function thresholdDigit(w: number, threshold: number): number {
  if (Math.abs(w) > threshold) return w > 0 ? 2 : 0;
  return 1;
}
