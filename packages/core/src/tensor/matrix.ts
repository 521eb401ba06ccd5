/** A matrix somewhere in an array: element (i, j) is `values[i · rowStride + j · columnStride]`. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** Elements from one row to the next. */
  readonly rowStride: number;
  /** Elements from one column to the next. */
  readonly columnStride: number;
}

/** A matrix whose rows follow each other. */
export function rowMajor(values: Float32Array, rows: number, columns: number): Matrix {
  return { values, rows, columns, rowStride: columns, columnStride: 1 };
}

/** The transpose, in the same memory. */
export function transposed({ values, rows, columns, rowStride, columnStride }: Matrix): Matrix {
  return { values, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

/** Columns `begin` … `end − 1`, in the same memory. */
export function columnSpan(matrix: Matrix, begin: number, end: number): Matrix {
  return { ...matrix, values: matrix.values.subarray(begin * matrix.columnStride), columns: end - begin };
}
