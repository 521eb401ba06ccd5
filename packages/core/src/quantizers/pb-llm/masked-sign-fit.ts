import type { ColumnGrid } from "../../backend/ops/feedback-ops.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { roundToScaleDtype } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";

/** What mean and scale of a row are taken over: all weights with the salient ones as 0, or the others alone. */
export type SignFit = "biased" | "unbiased";

export interface RowSigns {
  /** [rows], as stored. */
  readonly mean: Float32Array;
  /** [rows], as stored. */
  readonly scale: Float32Array;
  /** The two values of every row: mean − scale and mean + scale. */
  readonly grid: ColumnGrid;
}

/**
 * One sign plane a row: mean, then mean |w − mean|.
 * @param isSalient [rows, columns], 1 where a weight is coded otherwise
 */
export function fitMaskedSign(
  { values, rows, columns }: RowBlock,
  isSalient: Uint8Array,
  fit: SignFit,
  dtype: ScaleDtype,
): RowSigns {
  const mean = new Float32Array(rows);
  const scale = new Float32Array(rows);
  const levels = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * columns;
    let count = 0;
    let sum = 0;
    for (let at = begin; at < begin + columns; at++) {
      if (isSalient[at] === 1) continue;
      count++;
      sum += values[at]!;
    }
    const divisor = fit === "biased" ? columns : count || 1;
    mean[row] = roundToScaleDtype(dtype, sum / divisor);
    let magnitudes = fit === "biased" ? (columns - count) * Math.abs(mean[row]!) : 0;
    for (let at = begin; at < begin + columns; at++) {
      if (isSalient[at] === 0) magnitudes += Math.abs(values[at]! - mean[row]!);
    }
    scale[row] = roundToScaleDtype(dtype, magnitudes / divisor);
    levels[2 * row] = -scale[row]! + mean[row]!;
    levels[2 * row + 1] = scale[row]! + mean[row]!;
  }
  return { mean, scale, grid: { kind: "values", levels: 2, values: levels, groups: 1 } };
}
