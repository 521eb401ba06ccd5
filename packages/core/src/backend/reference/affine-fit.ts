import { laneSum64 } from "../../linalg/lane-sum.js";
import { power } from "../../linalg/power.js";
import type { AffineLayout } from "../../terms/affine.js";
import { checkAffineFit } from "../check-code-fits.js";
import type { KernelOps } from "../kernel-backend.js";
import type { AffineFitOptions } from "../ops/fit-ops.js";
import { type AffineGrid, affineCode, affineGrid, affineValue, inverseScale } from "./affine-grid.js";
import { encodeAffineRow, rowGroups, storeGrids } from "./affine-groups.js";

export const affineFit: KernelOps["affineFit"] = (block, term, options) => {
  const { layout } = term;
  checkAffineFit(block, term, options);
  for (let row = 0; row < block.rows; row++) {
    const groups = rowGroups(block, row, layout.groupSize);
    const grids = groups.map((weights) => fitGroup(weights, layout, options));
    storeGrids(term, row, grids);
    encodeAffineRow(term, row, groups, grids);
  }
};

/** Range of the group, or the shrunk range with the least error. */
function fitGroup(weights: Float32Array, layout: AffineLayout, options: AffineFitOptions): AffineGrid {
  const { low, high } = groupRange(weights);
  const { steps, exponent } = options.shrink ?? { steps: 1, exponent: 2 };
  let best = affineGrid(layout, low, high, options.includeZero);
  if (steps === 1) return best;
  let least = gridError(weights, layout, best, exponent);
  for (let i = 1; i < steps; i++) {
    const part = Math.fround(1 - i / 100);
    const grid = affineGrid(layout, Math.fround(part * low), Math.fround(part * high), options.includeZero);
    const error = gridError(weights, layout, grid, exponent);
    if (error < least) {
      least = error;
      best = grid;
    }
  }
  return best;
}

export function groupRange(weights: Float32Array): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const weight of weights) {
    low = Math.min(low, weight);
    high = Math.max(high, weight);
  }
  return { low, high };
}

/** Σ |w − ŵ|^exponent in f64. */
function gridError(weights: Float32Array, layout: AffineLayout, grid: AffineGrid, exponent: number): number {
  const inverse = inverseScale(grid.scale);
  const errors = Float64Array.from(weights, (weight) => {
    const value = affineValue(layout, grid, affineCode(layout, grid, inverse, weight));
    return power(Math.abs(Math.fround(weight - value)), exponent);
  });
  return laneSum64(errors);
}
