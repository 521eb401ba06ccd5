import type { AffineLayout } from "../../terms/affine.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import type { DenseLayout } from "../../terms/dense.js";
import type { SignLayout } from "../../terms/sign.js";
import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";

/**
 * `target += decode(term)`, target `[rows, columns]` of the term, f32, one rounding per operation: the scale product
 * first, then the mean or minimum, then the addition to target.
 * Terms are added in the order in which the weight lists them, from a target of +0.
 */
export interface DecodeOps {
  affineDecode(term: Term<AffineLayout>, target: Float32Array): void;
  signDecode(term: Term<SignLayout>, target: Float32Array): void;
  ternaryDecode(term: Term<TernaryLayout>, target: Float32Array): void;
  codebookDecode(term: Term<CodebookLayout>, target: Float32Array): void;
  sparseDecode(term: Term<SparseLayout>, target: Float32Array): void;
  denseDecode(term: Term<DenseLayout>, target: Float32Array): void;
}
