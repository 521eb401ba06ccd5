/** Factorisations in f64 for second-order methods. */
export interface FactorOps {
  /**
   * The upper Cholesky factor U of an inverse: `H⁻¹ = Uᵀ · U`. `U[j][j]²` is what is left of the variance of input j when
   * the inputs before it are known; `U[j][j + 1 …]` says how an error in column j is passed on (GPTQ, section 3.3).
   *
   * With J the reversal of rows and columns: J·H·J = L·Lᵀ, R = J·L·J is upper triangular with H = R·Rᵀ, and U = R⁻¹; so one
   * factorisation and one triangular inverse, 2/3 n³ multiplications and additions, instead of the 4/3 n³ of an inverse in between.
   * Only `matrix` takes part in products: on WASM, where other memory is copied for each of them, it should be a
   * backend's own (`allocate`). It needs 8 · size² bytes there, `target` 4 · size² where it is the backend's own, and up to
   * 16 MiB besides.
   * @param matrix H, [size, size] row-major, symmetric; the lower triangle is read, all of it overwritten
   * @param target U in f32, [size, size] row-major, zeros below the diagonal; its contents are undefined where it fails
   * @returns −1, or the input at which a pivot is not a positive finite number: H is not positive definite
   */
  inverseFactor(matrix: Float64Array, size: number, target: Float32Array): number;
}
