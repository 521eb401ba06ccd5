export { columnSpan, type Matrix, rowMajor, transposed } from "./matrix.js";
export { elementCount, matrixShape } from "./matrix-shape.js";
export type { MatrixShape, RowBlock } from "./row-block.js";
export { transposedBlock } from "./transposed-block.js";
