import { LowbitError } from "../errors/lowbit-error.js";
import { type FieldRule, MAX_DIMENSION } from "./layout-fields.js";

export const COVERED_COLUMNS_FIELD: FieldRule = { type: "integer", minimum: 1, maximum: MAX_DIMENSION, optional: true };

interface Covering {
  readonly kind: string;
  readonly columns: number;
  readonly coveredColumns?: number;
}

/** How many columns a term covers: all, or as many as its array `columns` names. */
export function coveredColumns(layout: Covering): number {
  return layout.coveredColumns ?? layout.columns;
}

/** @throws `terms/invalid-field` when the term covers more columns than the matrix has. */
export function checkCoveredColumns(layout: Covering): void {
  if (coveredColumns(layout) <= layout.columns) return;
  throw new LowbitError(
    "terms/invalid-field",
    `Field "coveredColumns" of the ${layout.kind} term is ${layout.coveredColumns}; the matrix has ${layout.columns} columns.`,
    { kind: layout.kind, field: "coveredColumns", found: coveredColumns(layout), allowed: layout.columns },
  );
}
