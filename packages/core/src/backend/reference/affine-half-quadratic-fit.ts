import { laneSum } from "../../linalg/lane-sum.js";
import { power } from "../../linalg/power.js";
import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { AffineLayout } from "../../terms/affine.js";
import { roundToScaleDtype } from "../../terms/scale-array.js";
import { checkAffineHalfQuadraticFit } from "../check-code-fits.js";
import type { KernelOps } from "../kernel-backend.js";
import type { HalfQuadraticOptions } from "../ops/fit-ops.js";
import { groupRange } from "./affine-fit.js";
import { type AffineGrid, affineCode, affineGrid, affineValue, inverseScale } from "./affine-grid.js";
import { encodeAffineRow, rowGroups, storeGrids } from "./affine-groups.js";

const f32 = Math.fround;

export const affineHalfQuadraticFit: KernelOps["affineHalfQuadraticFit"] = (block, term, options) => {
  const { layout } = term;
  checkAffineHalfQuadraticFit(block, term, options);
  for (let row = 0; row < block.rows; row++) {
    const groups = rowGroups(block, row, layout.groupSize);
    const grids = groups.map((weights) => fitGroup(weights, layout, options));
    storeGrids(term, row, grids);
    encodeAffineRow(term, row, groups, grids);
  }
};

/** A zero point and what it leads to. */
interface Iterate {
  readonly grid: AffineGrid;
  /** Σ (w − ŵ)². */
  readonly error: number;
  /** The next zero point: mean of code − (w − E) / scale. */
  readonly next: number;
}

/**
 * Half-quadratic splitting (HQQ, §2): the scale stays, the zero point goes back and forth with the sparse error E. It
 * starts from the zero point of min-max or from the integer next to it, whichever leaves the smaller error. Every
 * iterate is rounded to its storage dtype before it is judged; the least Σ (w − ŵ)² wins, the first on a tie.
 */
function fitGroup(weights: Float32Array, layout: AffineLayout, options: HalfQuadraticOptions): AffineGrid {
  const { low, high } = groupRange(weights);
  const { scale, zero } = affineGrid(layout, low, high, false);
  const look = (zero: number, beta: number) =>
    lookAtGroup(weights, layout, { scale, zero: roundToScaleDtype(layout.scaleDtype, zero) }, beta, options.norm);
  let beta = f32(options.beta);
  const start = look(zero, beta);
  const rounded = look(roundHalfEven(zero), beta);
  let current = rounded.error < start.error ? rounded : start;
  let best = current;
  for (let iteration = 1; iteration <= options.iterations; iteration++) {
    beta = f32(beta * f32(options.kappa));
    current = look(current.next, beta);
    if (current.error < best.error) best = current;
  }
  return best.grid;
}

function lookAtGroup(
  weights: Float32Array,
  layout: AffineLayout,
  grid: AffineGrid,
  beta: number,
  norm: number,
): Iterate {
  const inverse = inverseScale(grid.scale);
  const squares = new Float32Array(weights.length);
  const zeroPoints = new Float32Array(weights.length);
  weights.forEach((weight, i) => {
    const code = affineCode(layout, grid, inverse, weight);
    const difference = f32(weight - affineValue(layout, grid, code));
    const sparse = shrink(difference, beta, norm);
    squares[i] = f32(difference * difference);
    zeroPoints[i] = f32(code - f32(f32(weight - sparse) * inverse));
  });
  return { grid, error: laneSum(squares), next: f32(laneSum(zeroPoints) / weights.length) };
}

/** Proximal operator of |·|^p: sign(d) · max(|d| − |d|^(p − 1) / β, 0). */
function shrink(difference: number, beta: number, norm: number): number {
  const magnitude = Math.abs(difference);
  const reduced = f32(magnitude - f32(f32(power(magnitude, norm - 1)) / beta));
  return difference < 0 ? -Math.max(reduced, 0) : Math.max(reduced, 0);
}
