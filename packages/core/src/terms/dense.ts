import type { ScaleDtype } from "./term.js";

/** Plain values, for all columns or for a few kept ones. */
export interface DenseLayout {
  readonly kind: "dense";
  readonly rows: number;
  readonly columns: number;
  /** How many columns the term covers when it covers only some (array `columns` names them); absent: all. */
  readonly coveredColumns?: number;
  readonly valueDtype: ScaleDtype;
}

export interface DenseArrays {
  /** valueDtype [rows, covered columns]. */
  readonly values: Uint8Array;
  /** U32 [covered columns], ascending column numbers. */
  readonly columns?: Uint8Array;
}
