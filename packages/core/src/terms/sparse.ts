import type { ScaleDtype } from "./term.js";

/** A few weights kept by position (compressed sparse rows); all others are 0. */
export interface SparseLayout {
  readonly kind: "sparse";
  readonly rows: number;
  readonly columns: number;
  /** Stored weights in the whole matrix. */
  readonly count: number;
  /** U16 needs columns ≤ 65 536. */
  readonly indexDtype: "U16" | "U32";
  readonly valueDtype: ScaleDtype;
}

export interface SparseArrays {
  /** U32 [rows + 1]: entries of row r are rowStarts[r] … rowStarts[r+1] − 1. */
  readonly rowStarts: Uint8Array;
  /** indexDtype [count], ascending within a row. */
  readonly columnIndices: Uint8Array;
  /** valueDtype [count]. */
  readonly values: Uint8Array;
}
