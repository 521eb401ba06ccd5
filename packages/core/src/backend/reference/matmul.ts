import type { Matrix } from "../../tensor/matrix.js";
import { checkMatmul } from "../check-multiply.js";

/** `c[i, j] = Σ_l a[i, l] · b[j, l]`, the sum in f64, rounded once. */
export function matmul(a: Matrix, b: Matrix, c: Matrix, accumulate = false): void {
  checkMatmul(a, b, c);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      const at = i * c.rowStride + j * c.columnStride;
      let sum = accumulate ? c.values[at]! : 0;
      for (let l = 0; l < a.columns; l++) {
        sum += a.values[i * a.rowStride + l * a.columnStride]! * b.values[j * b.rowStride + l * b.columnStride]!;
      }
      c.values[at] = sum;
    }
  }
}
