import { DTYPES } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/lowbit-error.js";
import { readU32, writeU32 } from "./index-array.js";
import { checkTermFields, type LayoutFields, SCALE_DTYPE_FIELD } from "./layout-fields.js";
import type { ScaleDtype, Term, TermArraySpec } from "./term.js";

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
  /** U32 [rows + 1], from 0 up to count: entries of row r are rowStarts[r] … rowStarts[r+1] − 1. */
  readonly rowStarts: Uint8Array;
  /** indexDtype [count], ascending within a row. */
  readonly columnIndices: Uint8Array;
  /** valueDtype [count]. */
  readonly values: Uint8Array;
}

/** The smallest dtype that holds every column number. */
export function indexDtype(columns: number): "U16" | "U32" {
  return columns <= 65536 ? "U16" : "U32";
}

/** rowStarts are U32. */
const MAX_COUNT = 2 ** 32 - 1;

const SPARSE_FIELDS: LayoutFields<SparseLayout> = {
  count: { type: "integer", minimum: 0, maximum: MAX_COUNT },
  indexDtype: { type: "choice", choices: ["U16", "U32"] },
  valueDtype: SCALE_DTYPE_FIELD,
};

export function validateSparse(layout: SparseLayout): void {
  checkTermFields(layout, SPARSE_FIELDS);
  const { rows, columns, count } = layout;
  if (layout.indexDtype === "U16" && indexDtype(columns) !== "U16") {
    throw new LowbitError(
      "terms/invalid-field",
      `Field "indexDtype" of the sparse term is U16, which reaches 65536 columns; the term has ${columns}.`,
      { kind: "sparse", field: "indexDtype", found: "U16", allowed: "U32" },
    );
  }
  if (count > rows * columns) {
    throw new LowbitError(
      "terms/invalid-field",
      `Field "count" of the sparse term is ${count}; a matrix of ${rows} × ${columns} has ${rows * columns} weights.`,
      { kind: "sparse", field: "count", found: count, allowed: rows * columns },
    );
  }
}

export function sparseArrays(layout: SparseLayout): readonly TermArraySpec[] {
  return [
    { name: "rowStarts", dtype: "U32", shape: [layout.rows + 1], perRow: false },
    { name: "columnIndices", dtype: layout.indexDtype, shape: [layout.count], perRow: false },
    { name: "values", dtype: layout.valueDtype, shape: [layout.count], perRow: false },
  ];
}

/** Row starts of rows `begin` … `end − 1`, counted from 0 again, and the span of their entries in the whole arrays. */
export function sliceRowStarts(
  rowStarts: Uint8Array,
  begin: number,
  end: number,
): { readonly first: number; readonly last: number; readonly rowStarts: Uint8Array } {
  const part = readU32(rowStarts.subarray(begin * 4, (end + 1) * 4));
  const first = part[0]!;
  const last = part.at(-1)!;
  const rebased = new Uint8Array(part.length * 4);
  writeU32(
    part.map((start) => start - first),
    rebased,
  );
  return { first, last, rowStarts: rebased };
}

/** Rows `begin` … `end − 1`: indices and values are views, row starts are copied because they count from 0 again. */
export function sparseRows(term: Term<SparseLayout>, begin: number, end: number): Term<SparseLayout> {
  const { layout, arrays } = term;
  const { first, last, rowStarts } = sliceRowStarts(arrays.rowStarts, begin, end);
  const indexBytes = DTYPES[layout.indexDtype].bits / 8;
  const valueBytes = DTYPES[layout.valueDtype].bits / 8;
  return {
    layout: { ...layout, rows: end - begin, count: last - first },
    arrays: {
      rowStarts,
      columnIndices: arrays.columnIndices.subarray(first * indexBytes, last * indexBytes),
      values: arrays.values.subarray(first * valueBytes, last * valueBytes),
    },
  };
}

export function describeSparse(layout: SparseLayout): string {
  return `sparse, ${layout.count} weights, ${layout.valueDtype} values, ${layout.indexDtype} columns`;
}
