import type { RowBlock } from "../../tensor/row-block.js";

/**
 * Values that the columns of a span may take. Group g of a row is `groupOf[column − first]`.
 *
 * - affine: `w = scale[row, g] · (code − zero[row, g])`; zero is any float, z = rne(zero) (within ±2^21) its whole part:
 *   code = rne(clamp(w · (1 / scale) + (zero − z), −z, levels − 1 − z)) + z. A scale of 0, or so small that 1 / scale is
 *   infinite, takes w · (1 / scale) as 0. A sign with a mean is two levels: scale 2α, zero ½ − mean / 2α.
 * - values: `w = values[row, g, code]`, ascending; code = how many of the midpoints ½·v[i] + ½·v[i + 1] lie below w, so of
 *   two equally near values the lower one.
 */
export type ColumnGrid =
  | {
      readonly kind: "affine";
      /** 2 to 256. */
      readonly levels: number;
      /** [rows, groups] */
      readonly scale: Float32Array;
      /** [rows, groups] */
      readonly zero: Float32Array;
      readonly groups: number;
    }
  | {
      readonly kind: "values";
      /** 2 to 256. */
      readonly levels: number;
      /** [rows, groups, levels], ascending. */
      readonly values: Float32Array;
      readonly groups: number;
    };

/** Consecutive columns of the error-feedback loop (docs/methods/gptq.md); every row by itself, columns in ascending order. */
export interface FeedbackSpan {
  /** The whole matrix. Columns of the span become their quantized values, those after it up to `end` are corrected. */
  readonly weights: RowBlock;
  readonly first: number;
  readonly count: number;
  /** End of the block: columns from here on stay as they are, the caller corrects them block by block. */
  readonly end: number;
  /** U of `inverseFactor`, [columns, columns]. */
  readonly factor: Float32Array;
  /** −e = (q − w) / U[j][j] of the columns of the span: element (row, j) at `row · stride + j − first`. */
  readonly errors: Float32Array;
  readonly errorStride: number;
  /** [rows, columns of the matrix]: codes of the span; 0 where a weight is kept. */
  readonly codes: Uint8Array;
  /** Group of each column of the span, [count]. */
  readonly groupOf: Uint32Array;
}

/** Which grid each weight uses; absent: all use the first. */
export interface FeedbackZones {
  /** [rows, columns of the matrix]: number of the grid; the number of grids means: kept exactly, without error. */
  readonly zones: Uint8Array;
  /** Weights whose squared error ((w − q) / U[j][j])² is above this are kept as well, and marked so in `zones` (SpQR). */
  readonly outlierThreshold?: number;
}

export interface FeedbackOps {
  /**
   * Column j of the span, for every row: q = nearest value of its grid, −e = (q − w) / U[j][j], then
   * `w[k] += −e · U[j][k]` for j < k < end. Arithmetic is f32, one rounding per operation (`w + e·u` is two), so every
   * backend gives the same bits.
   * @param grids 1 to 16; more than one only with zones
   * @throws `backend/operand-size`
   */
  errorFeedback(span: FeedbackSpan, grids: readonly ColumnGrid[], zones?: FeedbackZones): void;
}
