import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";
import { invert } from "./optimal-brain.fixture.js";

export interface ReleasedOptions {
  readonly bits: number;
  /** undefined: one scale a row. */
  readonly groupSize: number | undefined;
  readonly damping: number;
  readonly actOrder: boolean;
}

const BLOCK = 128;

/**
 * The steps of the released GPTQ code one after the other, in f64; only scales are rounded to f32. Answers the quantized
 * weights in the order of the inputs.
 */
export function quantizeAsReleased({ weights, statistics }: CalibratedLayer, options: ReleasedOptions): Float64Array {
  const { rows, columns } = weights;
  const { groupSize } = options;
  const levels = 2 ** options.bits - 1;
  let w = matrixOf(rows, columns, (i, j) => weights.values[i * columns + j]!);
  const packed = statistics.values.hessian!;
  let h = matrixOf(columns, columns, (i, j) => packed[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)]!);

  let grids = w.map((row) => findGrid(row, levels));
  for (let j = 0; j < columns; j++) {
    if (h[j]![j] !== 0) continue;
    h[j]![j] = 1;
    for (const row of w) row[j] = 0;
  }
  const order = Array.from({ length: columns }, (_, j) => j);
  if (options.actOrder) order.sort((a, b) => h[b]![b]! - h[a]![a]! || a - b);
  const [plainW, plainH] = [w, h];
  w = matrixOf(rows, columns, (i, j) => plainW[i]![order[j]!]!);
  h = matrixOf(columns, columns, (i, j) => plainH[order[i]!]![order[j]!]!);

  const damp = (options.damping * h.reduce((sum, row, j) => sum + row[j]!, 0)) / columns;
  h.forEach((row, j) => {
    row[j]! += damp;
  });
  const u = upperFactor(invert(Float64Array.from(h.flat()), columns), columns);

  const result = new Float64Array(rows * columns);
  for (let begin = 0; begin < columns; begin += BLOCK) {
    const end = Math.min(begin + BLOCK, columns);
    const block = w.map((row) => row.slice(begin, end));
    const errors = matrixOf(rows, end - begin, () => 0);
    for (let i = 0; i < end - begin; i++) {
      const j = begin + i;
      if (groupSize !== undefined && j % groupSize === 0) {
        grids = w.map((row) => findGrid(row.slice(j, j + groupSize), levels));
      }
      for (let row = 0; row < rows; row++) {
        const { scale, zero } = grids[row]!;
        const value = block[row]![i]!;
        const code = Math.min(Math.max(roundHalfEven(value / scale) + zero, 0), levels);
        const quantized = scale * (code - zero);
        const error = (value - quantized) / u[j]![j]!;
        for (let k = i; k < end - begin; k++) block[row]![k]! -= error * u[j]![begin + k]!;
        errors[row]![i] = error;
        result[row * columns + order[j]!] = quantized;
      }
    }
    for (let row = 0; row < rows; row++) {
      for (let k = end; k < columns; k++) {
        for (let i = 0; i < end - begin; i++) w[row]![k]! -= errors[row]![i]! * u[begin + i]![k]!;
      }
    }
  }
  return result;
}

function matrixOf(rows: number, columns: number, value: (i: number, j: number) => number): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (__, j) => value(i, j)));
}

function findGrid(weights: readonly number[], levels: number): { readonly scale: number; readonly zero: number } {
  const [low, high] = [Math.min(0, ...weights), Math.max(0, ...weights)];
  if (low === 0 && high === 0) return { scale: Math.fround(2 / levels), zero: roundHalfEven(levels / 2) };
  const scale = Math.fround((high - low) / levels);
  return { scale, zero: roundHalfEven(-low / scale) };
}

/** U, upper triangular, with UᵀU = A. */
function upperFactor(a: Float64Array, size: number): number[][] {
  const u = matrixOf(size, size, () => 0);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      let sum = a[i * size + j]!;
      for (let k = 0; k < i; k++) sum -= u[k]![i]! * u[k]![j]!;
      u[i]![j] = i === j ? Math.sqrt(sum) : sum / u[i]![i]!;
    }
  }
  return u;
}
