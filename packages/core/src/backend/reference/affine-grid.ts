import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { AffineLayout } from "../../terms/affine.js";
import { roundToScaleDtype } from "../../terms/scale-array.js";

/** The grid of a group as it is stored: scale, and zero point or minimum (midpoint: 2^(bits − 1)). */
export interface AffineGrid {
  readonly scale: number;
  readonly zero: number;
}

/**
 * Zero "float": a scale below this part of the largest |w| would put the zero point beyond the range of F16, so such a
 * group is stored as a constant: scale = largest |w|, zero point −1 or 1.
 */
const LEAST_SCALE_FRACTION = 2 ** -15;

const f32 = Math.fround;

/**
 * 1 / scale, and 0 where the scale is so small that this overflows: the scale stands for 0 then, every weight gets the
 * code of 0.
 */
export function inverseScale(scale: number): number {
  const inverse = f32(1 / scale);
  return inverse === Number.POSITIVE_INFINITY ? 0 : inverse;
}

/** The grid of a group whose weights lie in [low, high]; docs/methods/rtn.md has the formulas. */
export function affineGrid(layout: AffineLayout, low: number, high: number, includeZero: boolean): AffineGrid {
  const { bits, zero, scaleDtype } = layout;
  const levels = 2 ** bits - 1;
  if (zero === "midpoint") {
    const half = 2 ** (bits - 1);
    const scale = roundToScaleDtype(scaleDtype, f32(Math.max(Math.abs(low), Math.abs(high)) / (half - 1)));
    return { scale, zero: half };
  }
  // A b-bit zero point can only say where 0 lies within the range.
  const holdsZero = includeZero || zero === "integer";
  const lowest = holdsZero ? Math.min(low, 0) : low;
  const highest = holdsZero ? Math.max(high, 0) : high;
  let scale = roundToScaleDtype(scaleDtype, f32(f32(highest - lowest) / levels));
  if (zero === "minimum") return { scale, zero: roundToScaleDtype(scaleDtype, lowest) };
  if (zero === "integer") {
    const zeroPoint = f32(-lowest * inverseScale(scale));
    return { scale, zero: roundHalfEven(Math.min(Math.max(zeroPoint, 0), levels)) };
  }
  const largest = Math.max(Math.abs(lowest), Math.abs(highest));
  if (scale < f32(largest * LEAST_SCALE_FRACTION)) scale = roundToScaleDtype(scaleDtype, largest);
  return { scale, zero: roundToScaleDtype(scaleDtype, f32(-lowest * inverseScale(scale))) };
}

/** The code of a weight: nearest on the grid, half to even, clamped to the code range. */
export function affineCode(layout: AffineLayout, grid: AffineGrid, inverse: number, weight: number): number {
  const levels = 2 ** layout.bits - 1;
  const { zero } = grid;
  switch (layout.zero) {
    case "midpoint":
    case "integer":
      return roundHalfEven(clamp(f32(weight * inverse), -zero, levels - zero)) + zero;
    case "float":
      return roundHalfEven(clamp(f32(f32(weight * inverse) + zero), 0, levels));
    case "minimum":
      return roundHalfEven(clamp(f32(f32(weight - zero) * inverse), 0, levels));
  }
}

/** What a code stands for. */
export function affineValue(layout: AffineLayout, grid: AffineGrid, code: number): number {
  const { scale, zero } = grid;
  return layout.zero === "minimum" ? f32(f32(scale * code) + zero) : f32(scale * f32(code - zero));
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}
