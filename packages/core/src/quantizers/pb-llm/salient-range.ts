import type { ColumnGrid } from "../../backend/ops/feedback-ops.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { roundToScaleDtype } from "../../terms/scale-array.js";
import type { ScaleDtype } from "../../terms/term.js";
import type { RowSigns } from "./masked-sign-fit.js";

export interface RowRanges {
  /** [rows], as stored. */
  readonly scale: Float32Array;
  /** [rows], as stored: what is added to scale · code and to the +1 that stands in the sign plane. */
  readonly minimum: Float32Array;
  /** What comes out: scale · code + minimum + (mean + scale of the signs). */
  readonly grid: ColumnGrid;
}

/**
 * The min-max grid of every row, over all its weights. Salient weights also have the sign +1 in the sign term, since terms
 * are added: the stored minimum takes its value away again.
 */
export function fitSalientRange(
  { values, rows, columns }: RowBlock,
  signs: RowSigns,
  bits: number,
  dtype: ScaleDtype,
): RowRanges {
  const scale = new Float32Array(rows);
  const minimum = new Float32Array(rows);
  const zero = new Float32Array(rows);
  const levels = 2 ** bits;
  for (let row = 0; row < rows; row++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      least = Math.min(least, values[at]!);
      most = Math.max(most, values[at]!);
    }
    const beneath = Math.fround(signs.scale[row]! + signs.mean[row]!);
    minimum[row] = roundToScaleDtype(dtype, least - beneath);
    // A step of 0 would take the minimum out of the grid; a row of one value never uses its other codes.
    scale[row] = roundToScaleDtype(dtype, (most - least) / (levels - 1)) || 1;
    zero[row] = -(minimum[row]! + beneath) / scale[row]!;
  }
  return { scale, minimum, grid: { kind: "affine", levels, scale, zero, groups: 1 } };
}
