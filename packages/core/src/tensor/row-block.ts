/**
 * Consecutive rows of a weight matrix in f32, row-major, rows contiguous: `values[row * columns + column]`.
 * A matrix is `[outFeatures, inFeatures]`; a tensor of higher rank is read as a matrix by joining all but its last axis.
 */
export interface RowBlock {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Shape of a weight matrix. */
export interface MatrixShape {
  /** Output features. */
  readonly rows: number;
  /** Input features; groups run along this axis. */
  readonly columns: number;
}
