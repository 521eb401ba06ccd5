import { laneSum } from "../../linalg/lane-sum.js";

/** A pivot at or below this share of n means that two planes are (nearly) the same up to sign. */
const LEAST_PIVOT = 1e-6;

/**
 * Scales that minimise ‖w − Σ scale_k · b_k‖² for given planes: (BᵀB) scale = Bᵀw.
 *
 * BᵀB holds integers, Bᵀw lane sums in f32; the elimination is in f64, plane by plane without exchange (the matrix is
 * symmetric and not negative). Where the planes depend on each other, or a scale overflows, the old scales stay.
 */
export function leastSquaresScales(values: Float32Array, codes: Uint8Array, old: readonly number[]): number[] {
  const k = old.length;
  const bit = (i: number, plane: number): number => ((codes[i]! >> plane) & 1 ? 1 : -1);
  const matrix = Array.from({ length: k }, (_, p) =>
    Array.from({ length: k }, (_, q) => codes.reduce((sum, _code, i) => sum + bit(i, p) * bit(i, q), 0)),
  );
  const right = Array.from({ length: k }, (_, p) => laneSum(values.map((w, i) => (bit(i, p) > 0 ? w : -w))));

  for (let p = 0; p < k; p++) {
    const pivot = matrix[p]![p]!;
    if (!(pivot > LEAST_PIVOT * values.length)) return [...old];
    for (let q = p + 1; q < k; q++) {
      const factor = matrix[q]![p]! / pivot;
      for (let c = p; c < k; c++) matrix[q]![c]! -= factor * matrix[p]![c]!;
      right[q]! -= factor * right[p]!;
    }
  }
  const scales = new Array<number>(k).fill(0);
  for (let p = k - 1; p >= 0; p--) {
    let rest = right[p]!;
    for (let c = p + 1; c < k; c++) rest -= matrix[p]![c]! * scales[c]!;
    scales[p] = rest / matrix[p]![p]!;
  }
  const rounded = scales.map(Math.fround);
  return rounded.every(Number.isFinite) ? rounded : [...old];
}
