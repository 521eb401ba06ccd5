import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { TernaryRule } from "../../backend/ops/fit-ops.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { storeScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";

/** Survey of `ternary` with one level a tensor: the mean magnitude, then means of the magnitudes above a threshold. */
export interface TensorLevel {
  /** Mean |w|, after the first pass. f32. */
  readonly mean: number;
  /** Mean of the |w| above the threshold of the last pass; mean |w| after the first. f32. */
  readonly level: number;
}

/** Sum and number of the magnitudes above the threshold (in the first pass: of all). */
export interface TensorLevelPartial {
  readonly sum: number;
  readonly count: number;
}

/** Least scale of the absmean rule; threshold over mean |w| of TWN (see ternaryFit). */
const LEAST_ABSMEAN = Math.fround(1e-5);
const TWN_SHARE = Math.fround(0.7);

/**
 * Passes of threshold = level / 2 after TWN. Each divides the distance to the least-squares level by about 2.7 on
 * Gaussian weights; what is left after ten changes the error by less than one part in a million.
 */
const LEAST_SQUARES_PASSES = 10;

export function tensorLevelPasses(rule: TernaryRule): number {
  return { absmean: 1, twn: 2, "least-squares": 2 + LEAST_SQUARES_PASSES }[rule];
}

export function beginTensorLevel(): TensorLevel {
  return { mean: 0, level: 0 };
}

function twnThreshold({ mean }: TensorLevel): number {
  return Math.fround(TWN_SHARE * mean);
}

export function lookForTensorLevel(
  pass: number,
  state: TensorLevel,
  block: RowBlock,
  backend: KernelBackend,
): TensorLevelPartial {
  if (pass === 0) return { sum: sumOfMagnitudes(block, backend), count: block.values.length };
  // What is not above counts as 0 and keeps its place, so the order of the sum does not depend on it.
  const threshold = pass === 1 ? twnThreshold(state) : Math.fround(state.level / 2);
  const { values } = block;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) > threshold) count++;
    else values[i] = 0;
  }
  return { sum: sumOfMagnitudes(block, backend), count };
}

/** Σ |w| in f64, row by row. */
function sumOfMagnitudes(block: RowBlock, backend: KernelBackend): number {
  const rowSums = new Float64Array(block.rows);
  backend.absRowSums(block, onesOf(block.columns), rowSums);
  return rowSums.reduce((joined, value) => joined + value, 0);
}

/** Made once for the widest matrix: one a block would be most of what a worker allocates. */
let ones = new Float64Array(0);
function onesOf(count: number): Float64Array {
  if (ones.length < count) ones = new Float64Array(count).fill(1);
  return ones.subarray(0, count);
}

export function foldTensorLevel(
  pass: number,
  state: TensorLevel,
  partials: readonly TensorLevelPartial[],
): TensorLevel {
  const total = partials.reduce((joined, partial) => joined + partial.sum, 0);
  const above = partials.reduce((joined, partial) => joined + partial.count, 0);
  const level = above === 0 ? 0 : Math.fround(total / above);
  return { mean: pass === 0 ? level : state.mean, level };
}

/** Writes the surveyed level and the digits of a block. */
export function encodeWithTensorLevel(
  block: RowBlock,
  term: Term<TernaryLayout>,
  rule: TernaryRule,
  surveyed: TensorLevel,
  backend: KernelBackend,
): void {
  const scale = rule === "absmean" ? Math.max(surveyed.level, LEAST_ABSMEAN) : surveyed.level;
  storeScale(term.arrays.scale, term.layout.scaleDtype, 0, scale);
  if (rule === "twn") backend.ternaryEncode(block, term, twnThreshold(surveyed));
  else backend.ternaryEncode(block, term);
}
