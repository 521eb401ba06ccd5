import type { Dtype } from "../dtype/dtype-table.js";
import type { AffineArrays, AffineLayout } from "./affine.js";
import type { BilevelArrays, BilevelLayout } from "./bilevel.js";
import type { CodebookArrays, CodebookLayout } from "./codebook.js";
import type { DenseArrays, DenseLayout } from "./dense.js";
import type { MaskedArrays, MaskedLayout } from "./masked.js";
import type { SignArrays, SignLayout } from "./sign.js";
import type { SparseArrays, SparseLayout } from "./sparse.js";
import type { TernaryArrays, TernaryLayout } from "./ternary.js";

/** Dtypes that a term may keep its scales, means and minimums in. */
export type ScaleDtype = "F16" | "BF16" | "F32";

/** What shares a scale: every group of a row, a whole row, or the whole tensor. */
export type Granularity = "group" | "row" | "tensor";

/**
 * The static half of a term: its kind and parameters, which fix the dtype and shape of every array (see `termArrays`).
 * A weight is the sum of its terms: `W ≈ Σ decode(term)`.
 */
export type TermLayout =
  | AffineLayout
  | BilevelLayout
  | SignLayout
  | TernaryLayout
  | CodebookLayout
  | SparseLayout
  | MaskedLayout
  | DenseLayout;
export type TermKind = TermLayout["kind"];

/** A layout with its arrays: the bytes exactly as they stand in the file, little-endian, so nothing is copied on load. */
export interface Term<L extends TermLayout = TermLayout> {
  readonly layout: L;
  readonly arrays: TermArrays<L>;
}
export type TermArrays<L extends TermLayout> = L extends AffineLayout
  ? AffineArrays
  : L extends BilevelLayout
    ? BilevelArrays
    : L extends SignLayout
      ? SignArrays
      : L extends TernaryLayout
        ? TernaryArrays
        : L extends CodebookLayout
          ? CodebookArrays
          : L extends SparseLayout
            ? SparseArrays
            : L extends MaskedLayout
              ? MaskedArrays
              : DenseArrays;

/** One array of a term as an ordinary tensor. */
export interface TermArraySpec {
  /** Key in `Term.arrays` and last part of the tensor's name in the file. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** True: the first axis is the matrix row, so a block of rows is a contiguous part of the array. */
  readonly perRow: boolean;
}
