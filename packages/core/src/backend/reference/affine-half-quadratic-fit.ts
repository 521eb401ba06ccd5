import { laneSum } from "../../linalg/lane-sum.js";
import { power } from "../../linalg/power.js";
import type { AffineLayout } from "../../terms/affine.js";
import { roundToScaleDtype } from "../../terms/scale-array.js";
import { checkBlock, checkHalfQuadraticAffine } from "../affine-fit-layouts.js";
import type { KernelOps } from "../kernel-backend.js";
import type { HalfQuadraticOptions } from "../ops/fit-ops.js";
import { groupRange } from "./affine-fit.js";
import { type AffineGrid, affineCode, affineGrid, affineValue, inverseScale } from "./affine-grid.js";
import { encodeAffineRow, rowGroups, storeGrids } from "./affine-groups.js";

const f32 = Math.fround;

export const affineHalfQuadraticFit: KernelOps["affineHalfQuadraticFit"] = (block, term, options) => {
  const { layout } = term;
  checkBlock("affineHalfQuadraticFit", block, term);
  checkHalfQuadraticAffine("affineHalfQuadraticFit", layout);
  for (let row = 0; row < block.rows; row++) {
    const groups = rowGroups(block, row, layout.groupSize);
    const grids = groups.map((weights) => fitGroup(weights, layout, options));
    storeGrids(term, row, grids);
    encodeAffineRow(term, row, groups, grids);
  }
};

/**
 * Half-quadratic splitting (HQQ, §2): the scale stays, the zero point z goes back and forth with the sparse error E.
 * Every iterate is rounded to its storage dtype before it is judged; the least Σ (w − ŵ)² wins, the first on a tie.
 */
function fitGroup(weights: Float32Array, layout: AffineLayout, options: HalfQuadraticOptions): AffineGrid {
  const { low, high } = groupRange(weights);
  let grid = affineGrid(layout, low, high, false);
  const inverse = inverseScale(grid.scale);
  let best = grid;
  let least = Number.POSITIVE_INFINITY;
  let beta = f32(options.beta);
  const squares = new Float32Array(weights.length);
  const zeros = new Float32Array(weights.length);
  for (let iteration = 0; iteration <= options.iterations; iteration++) {
    weights.forEach((weight, i) => {
      const code = affineCode(layout, grid, inverse, weight);
      const difference = f32(weight - affineValue(layout, grid, code));
      const sparse = shrink(difference, beta, options.norm);
      squares[i] = f32(difference * difference);
      zeros[i] = f32(code - f32(f32(weight - sparse) * inverse));
    });
    const error = laneSum(squares);
    if (error < least) {
      least = error;
      best = grid;
    }
    const zero = roundToScaleDtype(layout.scaleDtype, f32(laneSum(zeros) / weights.length));
    grid = { scale: grid.scale, zero };
    beta = f32(beta * f32(options.kappa));
  }
  return best;
}

/** Proximal operator of |·|^p: sign(d) · max(|d| − |d|^(p − 1) / β, 0). */
function shrink(difference: number, beta: number, norm: number): number {
  const magnitude = Math.abs(difference);
  const reduced = f32(magnitude - f32(f32(power(magnitude, norm - 1)) / beta));
  return difference < 0 ? -Math.max(reduced, 0) : Math.max(reduced, 0);
}
