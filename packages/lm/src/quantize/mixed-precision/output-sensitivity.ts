import type { LayerStatistics, StatisticValues } from "@lowbit/core/quantizers";

/** What a unit of squared error in an output of a layer costs. */
export interface OutputSensitivity {
  /** Per output; times d·H·dᵀ of the error of its weights it is the predicted cost. */
  readonly values: Float64Array;
  /** `loss`: nats a token. `relative-error`: the layer's relative output error, for want of gradients. */
  readonly unit: "loss" | "relative-error";
}

/**
 * How much the loss grows with the squared error of each output of a layer, to second order.
 *
 * The Hessian of the mean next-token loss by a layer's weights is taken as its Fisher information in Kronecker-factored form
 * (K-FAC, Martens and Grosse 2015): G ⊗ A with A = E[x·xᵀ] and a diagonal G, G_o = E[g_o²], where g is the gradient of a
 * sample's summed loss by the layer's output at one token. A change D of the weights then costs ½ · Σ_o G_o · d_o·A·d_oᵀ.
 * The gradients that are collected are means over a sample of T tokens, F_oi = E[(1/T · Σ_t g_o·x_i)²] ≈ E[g_o²]·E[x_i²] / T,
 * so G_o = T · Σ_i F_oi / Σ_i A_ii. With H = 2·T·A (see `LayerStatistics`) the cost is Σ_o s_o · d_o·H·d_oᵀ with
 * s_o = ½ · G_o / (2·T) = ½ · T · Σ_i F_oi / Σ_i H_ii.
 * @param statistics of the layer as [outFeatures, inFeatures]; needs `hessian` and `gradient-square`
 */
export function lossSensitivity(statistics: LayerStatistics): OutputSensitivity {
  const { rows, columns } = statistics.shape;
  const { hessian, "gradient-square": gradients } = statistics.values;
  const length = statistics.tokens / statistics.samples;
  const energy = diagonalSum(hessian!, columns);
  const values = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) sum += gradients![at]!;
    values[row] = energy === 0 ? 0 : (length * sum) / (2 * energy);
  }
  return { values, unit: "loss" };
}

/**
 * The default without gradients: every layer counts the same, by its relative output error tr(D·H·Dᵀ) / tr(W·H·Wᵀ).
 * @param outputEnergy tr(W·H·Wᵀ)
 */
export function evenSensitivity(rows: number, outputEnergy: number): OutputSensitivity {
  return { values: new Float64Array(rows).fill(outputEnergy === 0 ? 0 : 1 / outputEnergy), unit: "relative-error" };
}

/** Σ_o s_o · energy_o. @param energies d_o·H·d_oᵀ per output, see `outputEnergies` */
export function predictedCost(sensitivity: OutputSensitivity, energies: Float64Array): number {
  return energies.reduce((sum, energy, output) => sum + sensitivity.values[output]! * energy, 0);
}

/** Σ of the diagonal of a packed lower triangle. */
function diagonalSum(packed: StatisticValues, columns: number): number {
  let sum = 0;
  for (let i = 0; i < columns; i++) sum += packed[(i * (i + 3)) / 2]!;
  return sum;
}
