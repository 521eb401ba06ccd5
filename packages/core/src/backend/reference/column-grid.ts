import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { ColumnGrid } from "../ops/feedback-ops.js";
import { inverseScale } from "./affine-grid.js";

/** Whole parts of zero points: up to here sums with codes are exact in the rounding of every backend. */
const MAX_WHOLE_ZERO = 2 ** 21;

const f32 = Math.fround;

export interface GridPoint {
  readonly code: number;
  readonly value: number;
}

/** The value of a grid that is nearest to a weight. */
export function nearestPoint(grid: ColumnGrid, row: number, group: number, weight: number): GridPoint {
  const at = row * grid.groups + group;
  if (grid.kind === "affine") return nearestAffine(grid.levels, grid.scale[at]!, grid.zero[at]!, weight);
  return nearestValue(grid.values.subarray(at * grid.levels, (at + 1) * grid.levels), weight);
}

function nearestAffine(levels: number, scale: number, zero: number, weight: number): GridPoint {
  // A zero point that is a whole number is added after rounding, so that ties are those of a grid around 0.
  const whole = roundHalfEven(clamp(zero, -MAX_WHOLE_ZERO, MAX_WHOLE_ZERO));
  const steps = f32(f32(weight * inverseScale(scale)) + f32(zero - whole));
  const code = roundHalfEven(clamp(steps, -whole, levels - 1 - whole)) + whole;
  return { code, value: f32(scale * f32(code - zero)) };
}

function nearestValue(values: Float32Array, weight: number): GridPoint {
  let code = 0;
  while (code + 1 < values.length && weight > f32(f32(0.5 * values[code]!) + f32(0.5 * values[code + 1]!))) code++;
  return { code, value: values[code]! };
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}
