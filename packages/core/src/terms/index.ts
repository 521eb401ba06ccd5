export type { AffineArrays, AffineLayout } from "./affine.js";
export type { BilevelArrays, BilevelLayout } from "./bilevel.js";
export { storedBitsPerWeight, storedByteLength } from "./bits-per-weight.js";
export { checkTerm } from "./check-term.js";
export type { CodebookArrays, CodebookLayout } from "./codebook.js";
export { decodeTerms } from "./decode-terms.js";
export type { DenseArrays, DenseLayout } from "./dense.js";
export { readU16, readU32, writeU16, writeU32 } from "./index-array.js";
export {
  checkTransform,
  describeTransform,
  foldTransforms,
  type InputTransform,
  TRANSFORM_KINDS,
  type TransformKind,
  type TransformLayout,
  transformActivations,
  transformArrays,
  transformWeights,
  undoTransforms,
  validateTransform,
} from "./input-transform.js";
export type { MaskedArrays, MaskedLayout } from "./masked.js";
export { type Provenance, type QuantizedWeight, validateLayouts, validateWeight } from "./quantized-weight.js";
export { runnableLayout, runnableTerm } from "./runnable-term.js";
export { readScales, writeScales } from "./scale-array.js";
export type { SignArrays, SignLayout } from "./sign.js";
export type { SparseArrays, SparseLayout } from "./sparse.js";
export type { Granularity, ScaleDtype, Term, TermArraySpec, TermArrays, TermKind, TermLayout } from "./term.js";
export {
  allocateTerm,
  arrayByteLength,
  layoutRows,
  placedByteLength,
  placeTerm,
  termArray,
  termArrays,
  termByteLength,
  termRows,
} from "./term-arrays.js";
export { TERM_KINDS, type TermKindEntry, termKind } from "./term-kinds.js";
export type { TernaryArrays, TernaryLayout } from "./ternary.js";
