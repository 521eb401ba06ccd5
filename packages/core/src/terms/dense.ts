import { COVERED_COLUMNS_FIELD, checkCoveredColumns, coveredColumns } from "./covered-columns.js";
import { checkTermFields, type LayoutFields, SCALE_DTYPE_FIELD } from "./layout-fields.js";
import type { ScaleDtype, TermArraySpec } from "./term.js";

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

const DENSE_FIELDS: LayoutFields<DenseLayout> = {
  coveredColumns: COVERED_COLUMNS_FIELD,
  valueDtype: SCALE_DTYPE_FIELD,
};

export function validateDense(layout: DenseLayout): void {
  checkTermFields(layout, DENSE_FIELDS);
  checkCoveredColumns(layout);
}

export function denseArrays(layout: DenseLayout): readonly TermArraySpec[] {
  const covered = coveredColumns(layout);
  const values: TermArraySpec = {
    name: "values",
    dtype: layout.valueDtype,
    shape: [layout.rows, covered],
    perRow: true,
  };
  if (layout.coveredColumns === undefined) return [values];
  return [values, { name: "columns", dtype: "U32", shape: [covered], perRow: false }];
}

export function describeDense(layout: DenseLayout): string {
  const where = layout.coveredColumns === undefined ? "" : `, ${layout.coveredColumns} of ${layout.columns} columns`;
  return `dense ${layout.valueDtype}${where}`;
}
