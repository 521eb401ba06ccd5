import { checkLeastLength, checkLength } from "./operand-length.js";

/** @throws `backend/operand-size` */
export function checkInverseFactor(matrix: Float64Array, size: number, target: Float32Array): void {
  checkLeastLength("rows of a symmetric matrix", size, 0);
  checkLength(`elements of a matrix of ${size} rows and columns`, matrix.length, size * size);
  checkLength("elements of its inverse factor", target.length, size * size);
}
