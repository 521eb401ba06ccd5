import { roundHalfEven } from "../../linalg/round-half-even.js";
import type { CalibratedLayer } from "../calibrated-quantizer.js";

export interface DefinitionOptions {
  readonly bits: number;
  readonly groupSize: number;
  readonly damping: number;
  /** Zero points are floats, and ranges need not hold 0. */
  readonly isFloat?: boolean;
}

export interface DefinitionResult {
  readonly codes: Uint8Array;
  readonly values: Float32Array;
  /** How far w / scale lies from the nearest border between two codes. */
  readonly tieDistance: Float64Array;
}

/**
 * Optimal brain quantization with the columns in their order, as written down before anything is factorised (GPTQ, equations
 * 2 and 3): quantize column j, correct all others by the inverse Hessian, and remove j from the inverse by one step of
 * Gaussian elimination. All of it in f64; only scales are rounded to f32.
 */
export function quantizeByDefinition(layer: CalibratedLayer, options: DefinitionOptions): DefinitionResult {
  const { rows, columns } = layer.weights;
  const levels = 2 ** options.bits - 1;
  const weights = Float64Array.from(layer.weights.values);
  const inverse = invert(dampedHessian(layer.statistics.values.hessian!, columns, options.damping), columns);
  const codes = new Uint8Array(rows * columns);
  const tieDistance = new Float64Array(rows * columns);
  const grids: { scale: number; zero: number }[] = [];
  for (let j = 0; j < columns; j++) {
    const pivot = inverse[j * columns + j]!;
    for (let row = 0; row < rows; row++) {
      const begin = row * columns;
      if (j % options.groupSize === 0) {
        grids[row] = fitGroup(
          weights.subarray(begin + j, begin + Math.min(j + options.groupSize, columns)),
          levels,
          options,
        );
      }
      const { scale, zero } = grids[row]!;
      const position = weights[begin + j]! / scale + zero;
      const code = roundHalfEven(Math.min(Math.max(position, 0), levels));
      const error = (weights[begin + j]! - scale * (code - zero)) / pivot;
      for (let k = 0; k < columns; k++) if (k > j) weights[begin + k]! -= error * inverse[j * columns + k]!;
      weights[begin + j] = scale * (code - zero);
      codes[begin + j] = code;
      tieDistance[begin + j] = Math.abs(position - Math.floor(position) - 0.5);
    }
    for (let i = 0; i < columns; i++) {
      const factor = inverse[i * columns + j]! / pivot;
      if (i === j || factor === 0) continue;
      for (let k = j; k < columns; k++) inverse[i * columns + k]! -= factor * inverse[j * columns + k]!;
    }
  }
  return { codes, values: Float32Array.from(weights), tieDistance };
}

function fitGroup(
  group: Float64Array,
  levels: number,
  { isFloat }: DefinitionOptions,
): { scale: number; zero: number } {
  const bound = isFloat ? [] : [0];
  const low = Math.min(...group, ...bound);
  const high = Math.max(...group, ...bound);
  const scale = Math.fround((high - low) / levels);
  return { scale, zero: isFloat ? Math.fround(-low / scale) : roundHalfEven(-low / scale) };
}

export function dampedHessian(packed: ArrayLike<number>, columns: number, damping: number): Float64Array {
  const square = new Float64Array(columns * columns);
  let sum = 0;
  for (let i = 0, at = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, at++) square[i * columns + j] = square[j * columns + i] = packed[at]!;
    sum += square[i * (columns + 1)]!;
  }
  for (let i = 0; i < columns; i++) square[i * (columns + 1)]! += (damping * sum) / columns;
  return square;
}

/** Gauss–Jordan; a positive definite matrix needs no pivoting. */
export function invert(matrix: Float64Array, size: number): Float64Array {
  for (let p = 0; p < size; p++) {
    const pivot = matrix[p * (size + 1)]!;
    matrix[p * (size + 1)] = 1;
    for (let k = 0; k < size; k++) matrix[p * size + k]! /= pivot;
    for (let i = 0; i < size; i++) {
      if (i === p) continue;
      const factor = matrix[i * size + p]!;
      matrix[i * size + p] = 0;
      for (let k = 0; k < size; k++) matrix[i * size + k]! -= factor * matrix[p * size + k]!;
    }
  }
  return matrix;
}
