import type { OpName } from "../backend/kernel-backend.js";
import type { DecodeOps } from "../backend/ops/decode-ops.js";
import { affineArrays, describeAffine, validateAffine } from "./affine.js";
import {
  bilevelArrays,
  bilevelAsAffine,
  bilevelRows,
  describeBilevel,
  expandBilevel,
  validateBilevel,
} from "./bilevel.js";
import { codebookArrays, describeCodebook, validateCodebook } from "./codebook.js";
import { denseArrays, describeDense, validateDense } from "./dense.js";
import { describeMasked, maskedArrays, maskedRows, validateMasked } from "./masked.js";
import { expandMasked, maskedAsSparse } from "./masked-as-sparse.js";
import { describeSign, signArrays, validateSign } from "./sign.js";
import { expandSign, fullWidthSign } from "./sign-full-width.js";
import { describeSparse, sparseArrays, sparseRows, validateSparse } from "./sparse.js";
import type { Term, TermArraySpec, TermKind, TermLayout } from "./term.js";
import { describeTernary, ternaryArrays, validateTernary } from "./ternary.js";

/** Everything that the rest of lowbit needs to know about one kind of term. */
export interface TermKindEntry<L extends TermLayout = TermLayout> {
  /** @throws `terms/invalid-field`, `terms/missing-field`, `terms/unknown-field` */
  validate(layout: L): void;
  /** Dtype and shape of every array, in the order in which they stand in a file. */
  arrays(layout: L): readonly TermArraySpec[];
  /** The term restricted to some rows, for kinds whose arrays are not cut at row borders. */
  rows?(term: Term<L>, begin: number, end: number): Term<L>;
  /**
   * For forms that are stored but that no op takes: the plain form with the same weights to the bit. `layout` answers its
   * argument for a term that ops take as it is. See `runnableTerm`.
   */
  readonly runsAs?: { layout(layout: L): TermLayout; expand(term: Term<L>): Term };
  /** Ops of the form that runs. */
  readonly decodeOp: keyof DecodeOps;
  readonly multiplyOp: OpName;
  /** The product with int8 activations, for kinds that have one. */
  readonly multiplyInt8Op?: "affineMultiplyInt8" | "signMultiplyInt8" | "ternaryMultiplyInt8";
  /** One line for tables: "affine 4-bit, groups of 32, midpoint zero, F16 scales". */
  describe(layout: L): string;
}

/** The only list of term kinds. */
export const TERM_KINDS: { readonly [K in TermKind]: TermKindEntry<Extract<TermLayout, { readonly kind: K }>> } = {
  affine: {
    validate: validateAffine,
    arrays: affineArrays,
    decodeOp: "affineDecode",
    multiplyOp: "affineMultiply",
    multiplyInt8Op: "affineMultiplyInt8",
    describe: describeAffine,
  },
  bilevel: {
    validate: validateBilevel,
    arrays: bilevelArrays,
    rows: bilevelRows,
    runsAs: { layout: bilevelAsAffine, expand: (term) => expandBilevel(term) as unknown as Term },
    decodeOp: "affineDecode",
    multiplyOp: "affineMultiply",
    multiplyInt8Op: "affineMultiplyInt8",
    describe: describeBilevel,
  },
  sign: {
    validate: validateSign,
    arrays: signArrays,
    runsAs: { layout: fullWidthSign, expand: (term) => expandSign(term) as unknown as Term },
    decodeOp: "signDecode",
    multiplyOp: "signMultiply",
    multiplyInt8Op: "signMultiplyInt8",
    describe: describeSign,
  },
  ternary: {
    validate: validateTernary,
    arrays: ternaryArrays,
    decodeOp: "ternaryDecode",
    multiplyOp: "ternaryMultiply",
    multiplyInt8Op: "ternaryMultiplyInt8",
    describe: describeTernary,
  },
  codebook: {
    validate: validateCodebook,
    arrays: codebookArrays,
    decodeOp: "codebookDecode",
    multiplyOp: "codebookMultiply",
    describe: describeCodebook,
  },
  sparse: {
    validate: validateSparse,
    arrays: sparseArrays,
    rows: sparseRows,
    decodeOp: "sparseDecode",
    multiplyOp: "sparseMultiply",
    describe: describeSparse,
  },
  masked: {
    validate: validateMasked,
    arrays: maskedArrays,
    rows: maskedRows,
    runsAs: { layout: maskedAsSparse, expand: (term) => expandMasked(term) as unknown as Term },
    decodeOp: "sparseDecode",
    multiplyOp: "sparseMultiply",
    describe: describeMasked,
  },
  dense: {
    validate: validateDense,
    arrays: denseArrays,
    decodeOp: "denseDecode",
    multiplyOp: "denseMultiply",
    describe: describeDense,
  },
};

/** The entry of a layout's kind, usable with that layout. */
export function termKind(layout: TermLayout): TermKindEntry {
  return TERM_KINDS[layout.kind] as unknown as TermKindEntry;
}
