import type { Matrix } from "../../tensor/matrix.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { DenseLayout } from "../../terms/dense.js";
import type { SignLayout } from "../../terms/sign.js";
import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";

/** Activations of one or many tokens: `values[token * columns + column]`. */
export interface Activations {
  readonly values: Float32Array;
  readonly tokens: number;
  readonly columns: number;
}

/** Activations as int8, one scale a token: `x ≈ scale[token] · codes[token, column]`, codes in −127 … 127 (8 bits) or −7 … 7. */
export interface Int8Activations {
  readonly codes: Int8Array;
  /** absmax / 127 (or 7) of the token; 0 for a token of zeros. */
  readonly scale: Float32Array;
  readonly tokens: number;
  readonly columns: number;
}

/**
 * `y[token, row] += Σ_column decode(term)[row, column] · x[token, column]` on packed terms.
 *
 * f32: sums may be taken in any order (bounded by the conformance tolerance), so results can differ between backends
 * in the last bits; no stored byte depends on them.
 * int8: within a group the sums of code × activation and of activations are exact int32 (a group that could overflow is
 * refused: `backend/group-too-long`). Each group (and zone) then gives one f32, every operation rounded: scale · sum;
 * with a float zero point scale · (sum − zeroPoint · activations); with a minimum or mean, scale · sum + mean ·
 * activations. These are added by `laneSum` over groups, multiplied by the scale of the token and added to y: equal bits
 * on every backend. Sign terms with a column scale are the exception: they multiply in f32.
 * Weights and activations are finite.
 */
export interface MultiplyOps {
  affineMultiply(term: Term<AffineLayout>, x: Activations, y: Float32Array): void;
  signMultiply(term: Term<SignLayout>, x: Activations, y: Float32Array): void;
  ternaryMultiply(term: Term<TernaryLayout>, x: Activations, y: Float32Array): void;
  codebookMultiply(term: Term<CodebookLayout>, x: Activations, y: Float32Array): void;
  sparseMultiply(term: Term<SparseLayout>, x: Activations, y: Float32Array): void;
  denseMultiply(term: Term<DenseLayout>, x: Activations, y: Float32Array): void;

  /** Per token: scale = absmax / largest, code = round half to even (x / scale), clamped to ±largest; 127 for 8 bits, 7 for 4. */
  quantizeActivations(x: Activations, target: Int8Activations, largest?: number): void;
  affineMultiplyInt8(term: Term<AffineLayout>, x: Int8Activations, y: Float32Array): void;
  signMultiplyInt8(term: Term<SignLayout>, x: Int8Activations, y: Float32Array): void;
  ternaryMultiplyInt8(term: Term<TernaryLayout>, x: Int8Activations, y: Float32Array): void;

  /**
   * `c[i, j] = Σ_l a[i, l] · b[j, l]`, or added to c with `accumulate`: the second operand transposed, as a linear layer has
   * it. `transposed` gives the other products. c must not overlap a or b.
   */
  matmul(a: Matrix, b: Matrix, c: Matrix, accumulate?: boolean): void;

  /**
   * Reads `source` as fast as memory allows (four interleaved streams) and does nothing else: the limit that a benchmark
   * measures products against. Returns the int32 sum of its little-endian 32-bit words, wrapping.
   * `source` is a multiple of 4096 bytes.
   */
  readBandwidth(source: Uint8Array): number;
}
