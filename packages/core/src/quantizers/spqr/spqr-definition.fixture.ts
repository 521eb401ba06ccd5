import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { dampedHessian, invert } from "../gptq/optimal-brain.fixture.js";

export interface SpqrDefinition {
  readonly bits: number;
  readonly group: number;
  readonly statisticBits: number;
  readonly rowsPerBlock: number;
  readonly threshold: number;
  readonly damping: number;
  readonly isSimplified: boolean;
}

interface Grid {
  scale: number;
  zero: number;
}

/**
 * SpQR as the paper's algorithm 1 has it, columns in their order, one column at a time, in f64: an explicit inverse Hessian
 * from which columns are eliminated, and a grid fitted anew for every weight that is left out. Grids of scales and zeros are
 * rounded to F32 only.
 */
export function spqrByDefinition(layer: CalibratedLayer, options: SpqrDefinition) {
  const { rows, columns } = layer.weights;
  const weights = Float64Array.from(layer.weights.values);
  const inverse = invert(dampedHessian(layer.statistics.values.hessian!, columns, options.damping), columns);
  const pivots = conditionalVariances(inverse, columns);
  const threshold = options.threshold * meanSensitivity(weights, rows, columns, pivots);
  const kept = new Uint8Array(rows * columns);
  let grids: Grid[] = [];
  for (let j = 0; j < columns; j++) {
    const end = Math.min(j + options.group, columns);
    if (j % options.group === 0) grids = fitGroup(weights, rows, columns, j, end, pivots, threshold, options);
    for (let row = 0; row < rows; row++) {
      const at = row * columns + j;
      const value = nearest(weights[at]!, grids[row]!, options.bits);
      const error = (weights[at]! - value) / pivots[j]!;
      if (error * error * pivots[j]! > threshold) {
        kept[at] = 1;
        continue;
      }
      for (let k = j + 1; k < columns; k++) weights[row * columns + k]! -= error * inverse[j * columns + k]!;
      weights[at] = value;
    }
    eliminate(inverse, columns, j);
  }
  return { values: Float32Array.from(weights), kept };
}

function nearest(weight: number, { scale, zero }: Grid, bits: number): number {
  const code = roundHalfEven(Math.min(Math.max(weight / scale + zero, 0), 2 ** bits - 1));
  return scale * (code - zero);
}

function minMax(values: readonly number[], levels: number): Grid {
  const scale = (Math.max(...values) - Math.min(...values)) / levels;
  return { scale, zero: -Math.min(...values) / scale };
}

function fitGroup(
  weights: Float64Array,
  rows: number,
  columns: number,
  first: number,
  end: number,
  pivots: Float64Array,
  threshold: number,
  options: SpqrDefinition,
): Grid[] {
  const levels = 2 ** options.bits - 1;
  const grids = Array.from({ length: rows }, (_, row) => {
    const group = [...weights.subarray(row * columns + first, row * columns + end)];
    const error = (left: number): number => {
      const grid = minMax(
        group.filter((_, i) => i !== left),
        levels,
      );
      return group.reduce((sum, w, i) => {
        return i === left ? sum : sum + (w - nearest(w, grid, options.bits)) ** 2 / pivots[first + i]!;
      }, 0);
    };
    const base = error(-1);
    const isLikely = (i: number): boolean => !options.isSimplified && base - error(i) > threshold;
    return minMax(
      group.filter((_, i) => !isLikely(i)),
      levels,
    );
  });
  for (let begin = 0; begin < rows; begin += options.rowsPerBlock) {
    const block = grids.slice(begin, begin + options.rowsPerBlock);
    for (const key of ["scale", "zero"] as const) {
      const values = block.map((grid) => grid[key]);
      const minimum = Math.fround(Math.min(...values));
      const step = Math.fround((Math.max(...values) - Math.min(...values)) / (2 ** options.statisticBits - 1));
      for (const grid of block) {
        const code = roundHalfEven(Math.min(Math.max((grid[key] - minimum) / step, 0), 2 ** options.statisticBits - 1));
        grid[key] = step * code + minimum;
      }
    }
  }
  return grids;
}

/** U[j][j]²: what is left of the inverse's diagonal when the columns before have been eliminated. */
function conditionalVariances(inverse: Float64Array, columns: number): Float64Array {
  const copy = inverse.slice();
  return Float64Array.from({ length: columns }, (_, j) => {
    const pivot = copy[j * (columns + 1)]!;
    eliminate(copy, columns, j);
    return pivot;
  });
}

function eliminate(inverse: Float64Array, columns: number, j: number): void {
  const pivot = inverse[j * (columns + 1)]!;
  for (let i = j + 1; i < columns; i++) {
    const factor = inverse[i * columns + j]! / pivot;
    for (let k = j; k < columns; k++) inverse[i * columns + k]! -= factor * inverse[j * columns + k]!;
  }
}

function meanSensitivity(weights: Float64Array, rows: number, columns: number, pivots: Float64Array): number {
  let total = 0;
  for (let j = 0; j < columns; j++) {
    const column = Array.from({ length: rows }, (_, row) => weights[row * columns + j]!);
    const mean = column.reduce((sum, w) => sum + w, 0) / rows;
    total += column.reduce((sum, w) => sum + (w - mean) ** 2, 0) / (rows - 1) / pivots[j]!;
  }
  return total / columns;
}
