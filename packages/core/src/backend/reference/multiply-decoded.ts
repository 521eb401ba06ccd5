import type { Activations } from "../ops/multiply-ops.js";

/** `y[token, row] += Σ_column weight[row, column] · x[token, column]`, the sum in f64, rounded once. */
export function multiplyDecoded(weight: Float32Array, rows: number, x: Activations, y: Float32Array): void {
  for (let token = 0; token < x.tokens; token++) {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let column = 0; column < x.columns; column++) {
        sum += weight[row * x.columns + column]! * x.values[token * x.columns + column]!;
      }
      y[token * rows + row]! += sum;
    }
  }
}
