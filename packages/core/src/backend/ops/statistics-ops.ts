import type { RowBlock } from "../../tensor/row-block.js";
import type { Term } from "../../terms/term.js";

/**
 * Per row, all of length `rows`. NaN and infinities are counted and otherwise left out of every figure; in the sums
 * they keep their place and add 0. A row without a finite weight has minimum +∞, maximum −∞ and absMaximum 0.
 */
export interface RowStatistics {
  /** Never −0. */
  readonly minimum: Float32Array;
  /** Never −0. */
  readonly maximum: Float32Array;
  /** Largest |w|. */
  readonly absMaximum: Float32Array;
  /**
   * Σ w, Σ w², Σ w³, Σ w⁴ in f64, 16 strided partial sums and the fixed tree. The powers of one weight are
   * w² = w·w, w³ = w²·w, w⁴ = w²·w², each rounded to f64 (nothing overflows or becomes subnormal).
   */
  readonly sum: Float64Array;
  readonly sum2: Float64Array;
  readonly sum3: Float64Array;
  readonly sum4: Float64Array;
  readonly nanCount: Uint32Array;
  readonly infiniteCount: Uint32Array;
  readonly zeroCount: Uint32Array;
}

/** A grid over a block of rows: tile (i, j) holds rows i·tileRows … and columns j·tileColumns …; the last ones are shorter. */
export interface TileGrid {
  readonly tileRows: number;
  readonly tileColumns: number;
}

/** Row-major over tiles. */
export interface OutlierTiles {
  /** Largest finite |w| of the tile. */
  readonly absMaximum: Float32Array;
  /** How many finite |w| exceed the threshold. */
  readonly outlierCount: Uint32Array;
}

/**
 * Per row of a block, [rows]: enough for SQNR, relative error, cosine and worst rows. Pairs of which one or both are
 * NaN or infinite are counted and otherwise left out.
 */
export interface ErrorStatistics {
  /** Σ w². */
  readonly signal: Float64Array;
  /** Σ (w − ŵ)². */
  readonly noise: Float64Array;
  /** Σ ŵ². */
  readonly approximationPower: Float64Array;
  /** Σ w·ŵ. */
  readonly product: Float64Array;
  /** Largest |w − ŵ|, rounded to f32. */
  readonly maximum: Float32Array;
  readonly nonFiniteCount: Uint32Array;
}

/** Looking at values. */
export interface StatisticsOps {
  rowStatistics(block: RowBlock, target: RowStatistics): void;
  /**
   * Counts every 16-bit element of `source` (2 bytes each, little-endian; an odd last byte is ignored) in `counts`
   * [65536], adding to what is there.
   * For F16 and BF16 this one table gives exact quantiles, moments and outlier counts.
   */
  histogram16(source: Uint8Array, counts: Uint32Array): void;
  /** Counts the upper 16 bits of every f32 in `counts` [65536]: the same table at bf16 resolution, cut towards 0. */
  histogramFloats(values: Float32Array, counts: Uint32Array): void;
  /** Both arrays are overwritten. No |w| exceeds a NaN threshold. */
  outlierTiles(block: RowBlock, grid: TileGrid, threshold: number, target: OutlierTiles): void;
  /**
   * Per row, spans of 512 columns. In a span whose weights and approximations are all moderate (0, or a magnitude from
   * 2^−40 to below 2^60), differences, products and their sixteen strided partial sums are f32, one rounding each; these
   * sums then join sixteen partial sums of the row in f64. In any other span all is f64, added to the sums of the row
   * directly. The fixed tree joins the sixteen.
   */
  errorStatistics(original: RowBlock, approximation: Float32Array, target: ErrorStatistics): void;
  /**
   * `errorStatistics` of Σ decode(term): one pass instead of two where a kernel can.
   * @param scratch as long as the block; its contents are undefined afterwards
   */
  decodedErrors(original: RowBlock, terms: readonly Term[], scratch: Float32Array, target: ErrorStatistics): void;
  /**
   * Adds xᵀ·x of activations x [tokens, features] to the lower triangle, row-major: element (i, j ≤ i) at i·(i + 1)/2 + j.
   * Products, and sums of up to 256 tokens, may be f32 and may come in any order; with an f64 target these sums are added
   * in f64. NaN and infinities propagate.
   */
  gramAccumulate(x: RowBlock, target: Float32Array | Float64Array): void;
}
