import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";

/** Shrinking the range of a group: candidate i of `steps` uses (1 − i/100) of it; the least Σ |w − ŵ|^exponent wins, the first on a tie. */
export interface ShrinkSearch {
  /** Candidates, 1 (none but the full range) to 100. */
  readonly steps: number;
  /** Exponent of the error, 1 to 4; 2.4 in the GPTQ code. */
  readonly exponent: number;
}

export interface AffineFitOptions {
  /** Extend [min, max] so that it holds 0 (GPTQ, PB-LLM). Always so for zero "integer", without effect for "midpoint". */
  readonly includeZero: boolean;
  readonly shrink?: ShrinkSearch;
}

/** Half-quadratic splitting of HQQ; see docs/methods/hqq.md. */
export interface HalfQuadraticOptions {
  /** 0 to 100. */
  readonly iterations: number;
  readonly beta: number;
  readonly kappa: number;
  /** p of the shrinkage operator, 0 < p < 1. */
  readonly norm: number;
}

export type TernaryRule = "absmean" | "twn" | "least-squares";

/**
 * Choosing scales and codes for a block of rows, and writing them into the arrays of a term for these rows.
 *
 * Every weight is finite (the pipeline refuses others first). Arithmetic is f32, one rounding per operation, no fused
 * multiply-add; sums follow docs/numerics.md. A scale is rounded to its storage dtype first and the codes are chosen
 * with the rounded one. Ops named `…Encode` take scales as given in the term's arrays and write only codes.
 */
export interface FitOps {
  /** Min-max per group or row (RTN). Refuses granularity "tensor", and 1 bit with a midpoint. */
  affineFit(block: RowBlock, term: Term<AffineLayout>, options: AffineFitOptions): void;
  affineEncode(block: RowBlock, term: Term<AffineLayout>): void;
  /** HQQ: zero "float", scale from min-max, zero point by half-quadratic splitting, best iterate kept per group. */
  affineHalfQuadraticFit(block: RowBlock, term: Term<AffineLayout>, options: HalfQuadraticOptions): void;

  /**
   * sign × absmean per group (with `hasMean`: around the mean of the group), and subtracts the decoded term from
   * `residual`, so that order k is k calls (binary, greedy binary coding).
   *
   * All sign fits take terms over all columns with one zone, without column scale, and a scale a group or row; ternaryFit
   * a scale a group or row (a scale of the whole tensor is surveyed and then encoded).
   * @throws `backend/unsupported-layout`
   */
  signFit(residual: RowBlock, term: Term<SignLayout>): void;
  /** sign = w ≥ mean, mean 0 without one; the scales and column scales in the term are not negative and do not matter. */
  signEncode(block: RowBlock, term: Term<SignLayout>): void;
  /**
   * ARB: alternating refinement of mean, scales and signs; one or two terms; the mean lives in the first. From a greedy
   * start, a round is: nearest of the 2^k levels for every weight, then mean, then each scale in turn.
   */
  signAlternatingFit(block: RowBlock, terms: readonly Term<SignLayout>[], iterations: number): void;
  /**
   * k sign planes per group, 1 to 4: greedy start, then `iterations` of nearest of the 2^k levels and least-squares
   * scales; without iterations the greedy codes stay.
   */
  binaryCodingFit(block: RowBlock, terms: readonly Term<SignLayout>[], iterations: number): void;

  ternaryFit(block: RowBlock, term: Term<TernaryLayout>, rule: TernaryRule): void;
  /**
   * Digit by threshold (not negative, rounded to f32): |w| > threshold; without one by rounding w / scale half to even
   * and clamping to ±1, and 0 for every weight where the scale is 0 or infinite.
   */
  ternaryEncode(block: RowBlock, term: Term<TernaryLayout>, threshold?: number): void;

  /**
   * Scale = absmax of the group over the table's largest |value|; code = value nearest to w · (1 / scale). The midpoint of
   * two neighbouring values (exact, in f64) goes to the lower code; of equal values the lowest code is used.
   */
  codebookFit(block: RowBlock, term: Term<CodebookLayout>): void;
  codebookEncode(block: RowBlock, term: Term<CodebookLayout>): void;

  /** target[c] += Σ_rows |w[r,c]| · rowWeights[r] in f64, rows in ascending order. */
  absColumnSums(block: RowBlock, rowWeights: Float64Array, target: Float64Array): void;
  /** target[r] = Σ_columns |w[r,c]| · columnWeights[c] in f64, 16 strided partial sums and the fixed tree. */
  absRowSums(block: RowBlock, columnWeights: Float64Array, target: Float64Array): void;
}
