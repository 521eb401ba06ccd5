import type { KernelBackend } from "../../backend/kernel-backend.js";
import { power } from "../../linalg/power.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { roundToScaleDtype } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";
import type { StatisticValues } from "../layer-statistics.js";
import { type AddApproximation, negated, rowStrips } from "./approximate-rows.js";

/** Grid points: exponents 0, 1/20 … 19/20. The grid of the released code, which never reaches 1. */
const RATIOS = 20;

/** Least a^r before it is normalised, so that inputs that are always 0 keep a scale (released code). */
const LEAST_POWER = 1e-4;

/** A stored 1/s is kept within what a scale in F16 holds as a normal number. */
const LEAST_STORED = 2 ** -14;
const LARGEST_STORED = 65504;

/** What calibration tells about the input of the layers. */
export interface SharedInput {
  /** Packed lower triangle, see `LayerStatistics`. */
  readonly hessian: StatisticValues;
  /** Mean |x|, [columns]. Columns that must share a scale have equal values here (`tieChannels`). */
  readonly meanAbs: StatisticValues;
}

export interface SearchedScales {
  /** 1/s as it is stored, [columns]: inputs are multiplied by it, columns of weights divided. */
  readonly inverse: Float32Array;
  /** Exponent r of mean |x| that was chosen. */
  readonly ratio: number;
  /** tr(D·H·Dᵀ) of all layers together, one value a grid point; D = W − Ŵ. Its first entry is the error without scales. */
  readonly losses: Float64Array;
}

/**
 * AWQ's search (section 3.2; `auto_scale.py` of the released code): scales s = a^r / √(max · min), a = mean |x|, for the r of
 * a grid; the one wins whose quantized layers change their outputs least, the smaller r on a tie. The loss is exact: for all
 * tokens of the calibration set, by the Hessian of the input, summed over the layers that share it (q, k and v).
 *
 * Every candidate is judged as it would be stored: 1/s is rounded to `scaleDtype` first. A grid point costs a fit and a Gram
 * matrix of the errors, rows · columns² / 2 multiplications.
 * @param layers weights [rows, columns] with the same input; left as they are
 * @param addApproximation what quantization makes of scaled weights
 */
export function searchScales(
  layers: readonly RowBlock[],
  input: SharedInput,
  addApproximation: AddApproximation,
  scaleDtype: ScaleDtype,
  backend: KernelBackend,
): SearchedScales {
  const losses = new Float64Array(RATIOS);
  let best: { inverse: Float32Array; ratio: number; loss: number } | undefined;
  for (let i = 0; i < RATIOS; i++) {
    const ratio = i / RATIOS;
    const inverse = storedInverse(input.meanAbs, ratio, scaleDtype);
    const loss = scaledLoss(layers, inverse, input.hessian, addApproximation, backend);
    losses[i] = loss;
    if (best === undefined || loss < best.loss) best = { inverse, ratio, loss };
  }
  return { inverse: best!.inverse, ratio: best!.ratio, losses };
}

/**
 * Mean |x| averaged over the columns that belong to one channel of the producer, so that they get one scale: with grouped
 * queries the output projection reads every channel of v once per query head of the group.
 * @param channelOf producer's channel of each column
 */
export function tieChannels(meanAbs: StatisticValues, channelOf: ArrayLike<number>): Float64Array {
  const channels = 1 + Array.from(channelOf).reduce((most, channel) => Math.max(most, channel), -1);
  const sums = new Float64Array(channels);
  const counts = new Float64Array(channels);
  for (let c = 0; c < meanAbs.length; c++) {
    sums[channelOf[c]!]! += meanAbs[c]!;
    counts[channelOf[c]!]! += 1;
  }
  return Float64Array.from(meanAbs, (_, c) => sums[channelOf[c]!]! / counts[channelOf[c]!]!);
}

/** √(max·min) / a^r, rounded to what is stored. */
function storedInverse(meanAbs: StatisticValues, ratio: number, scaleDtype: ScaleDtype): Float32Array {
  const powers = Float64Array.from(meanAbs, (a) => Math.max(ratio === 0 ? 1 : power(a, ratio), LEAST_POWER));
  let [least, largest] = [Number.POSITIVE_INFINITY, 0];
  for (const value of powers) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const middle = Math.sqrt(largest) * Math.sqrt(least);
  return Float32Array.from(powers, (value) =>
    roundToScaleDtype(scaleDtype, Math.min(Math.max(middle / value, LEAST_STORED), LARGEST_STORED)),
  );
}

/** Σ over layers of tr(D·H·Dᵀ) = ⟨H, DᵀD⟩, with D = E·diag(inverse) and E the error of the scaled weights. */
function scaledLoss(
  layers: readonly RowBlock[],
  inverse: Float32Array,
  hessian: StatisticValues,
  addApproximation: AddApproximation,
  backend: KernelBackend,
): number {
  const gram = new Float32Array(hessian.length);
  for (const layer of layers) {
    for (const strip of rowStrips(layer)) {
      const scaled = scaleColumns(strip, inverse);
      const errors = negated(scaled.values);
      addApproximation(scaled, errors);
      backend.gramAccumulate({ ...strip, values: errors }, gram);
    }
  }
  let sum = 0;
  for (let i = 0, at = 0; i < inverse.length; i++) {
    let line = 0;
    for (let j = 0; j < i; j++, at++) line += hessian[at]! * gram[at]! * inverse[j]!;
    sum += inverse[i]! * (2 * line + hessian[at]! * gram[at]! * inverse[i]!);
    at++;
  }
  return sum;
}

/** Weights for scaled inputs, as `transformWeights` makes them: every column divided by its stored 1/s. */
export function scaleColumns({ values, rows, columns }: RowBlock, inverse: Float32Array): RowBlock {
  const scaled = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++, at++) scaled[at] = values[at]! / inverse[c]!;
  }
  return { values: scaled, rows, columns };
}
