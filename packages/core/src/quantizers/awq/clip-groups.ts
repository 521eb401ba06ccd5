import type { KernelBackend } from "../../backend/kernel-backend.js";
import { columnSpan, rowMajor } from "../../tensor/matrix.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { StatisticValues } from "../layer-statistics.js";
import { type AddApproximation, negated, rowStrips } from "./approximate-rows.js";

/** Candidates: largest |w| of the group times 1, 19/20 … 11/20 (`auto_clip.py` of the released code). */
const STEPS = 20;
const CANDIDATES = 10;

/**
 * AWQ's clip search: for every row and group the largest magnitude that leaves the least output error of the group,
 * d·H_gg·dᵀ, when weights beyond it are clamped to it before they are quantized; the larger one on a tie. Clamps in place.
 * @param weights scaled weights
 * @param inverse 1/s as stored: the Hessian of scaled inputs is inverse[i] · H[i, j] · inverse[j]
 * @param groupSize consecutive columns that share a grid
 */
export function clipGroups(
  weights: RowBlock,
  inverse: Float32Array,
  hessian: StatisticValues,
  groupSize: number,
  addApproximation: AddApproximation,
  backend: KernelBackend,
): void {
  const { columns } = weights;
  const groups = Array.from({ length: Math.ceil(columns / groupSize) }, (_, group): Group => {
    const begin = group * groupSize;
    const end = Math.min(begin + groupSize, columns);
    return { begin, end, hessian: groupHessian(hessian, inverse, begin, end) };
  });
  for (const strip of rowStrips(weights)) {
    const searches = groups.map((group) => {
      const largest = groupMaxima(strip, group);
      return { group, largest, best: largest.slice(), least: new Float64Array(strip.rows).fill(Infinity) };
    });
    for (let i = 0; i < CANDIDATES; i++) {
      const limits = searches.map(({ largest }) => largest.map((maximum) => maximum * (1 - i / STEPS)));
      const clamped = { ...strip, values: strip.values.slice() };
      for (const [at, { group }] of searches.entries()) clamp(clamped, group, limits[at]!);
      const errors = { ...strip, values: negated(strip.values) };
      addApproximation(clamped, errors.values);
      for (const [at, { group, best, least }] of searches.entries()) {
        groupErrors(errors, group, backend).forEach((error, row) => {
          if (error >= least[row]!) return;
          least[row] = error;
          best[row] = limits[at]![row]!;
        });
      }
    }
    for (const { group, best } of searches) clamp(strip, group, best);
  }
}

/** Columns that share a grid, with the Hessian of their scaled inputs, [end − begin, end − begin]. */
interface Group {
  readonly begin: number;
  readonly end: number;
  readonly hessian: Float32Array;
}

/** Hessian of the scaled inputs of a group, [width, width]. */
function groupHessian(hessian: StatisticValues, inverse: Float32Array, begin: number, end: number): Float32Array {
  const width = end - begin;
  const square = new Float32Array(width * width);
  for (let i = begin; i < end; i++) {
    for (let j = begin; j <= i; j++) {
      const value = inverse[i]! * hessian[(i * (i + 1)) / 2 + j]! * inverse[j]!;
      square[(i - begin) * width + j - begin] = square[(j - begin) * width + i - begin] = value;
    }
  }
  return square;
}

/** d·H·dᵀ of every row of errors in the columns of a group. */
function groupErrors(errors: RowBlock, { begin, end, hessian }: Group, backend: KernelBackend): Float64Array {
  const { values, rows, columns } = errors;
  const width = end - begin;
  const products = new Float32Array(rows * width);
  const part = columnSpan(rowMajor(values, rows, columns), begin, end);
  backend.matmul(part, rowMajor(hessian, width, width), rowMajor(products, rows, width));
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += values[row * columns + begin + c]! * products[row * width + c]!;
    sums[row] = sum;
  }
  return sums;
}

/** Largest |w| of every row in the columns of a group. */
function groupMaxima({ values, rows, columns }: RowBlock, { begin, end }: Group): Float32Array {
  const maxima = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let maximum = 0;
    for (let c = begin; c < end; c++) {
      const magnitude = Math.abs(values[row * columns + c]!);
      if (magnitude > maximum) maximum = magnitude;
    }
    maxima[row] = maximum;
  }
  return maxima;
}

/** Limits the magnitudes of every row in the columns of a group. */
function clamp({ values, rows, columns }: RowBlock, { begin, end }: Group, limits: Float32Array): void {
  for (let row = 0; row < rows; row++) {
    const limit = limits[row]!;
    for (let c = begin; c < end; c++) {
      const at = row * columns + c;
      if (values[at]! > limit) values[at] = limit;
      else if (values[at]! < -limit) values[at] = -limit;
    }
  }
}
