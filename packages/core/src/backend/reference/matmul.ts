import { checkMatmul } from "../check-multiply.js";

/** `c[m, n] = Σ_k a[m, k] · b[n, k]`, the sum in f64, rounded once. */
export function matmul(a: Float32Array, b: Float32Array, c: Float32Array, m: number, n: number, k: number): void {
  checkMatmul(a, b, c, m, n, k);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[i * k + l]! * b[j * k + l]!;
      c[i * n + j] = sum;
    }
  }
}
