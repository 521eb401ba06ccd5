import type { MatrixShape } from "../tensor/row-block.js";

/**
 * What calibration tells about one linear layer with inputs x and weights w; N samples (sequences) of equal length, T tokens.
 *
 * - `hessian`: (2 / N) · Σ x·xᵀ over all tokens, of the inputs as the layer gets them (before its input transforms). The
 *   lower triangle, row-major: element (i, j ≤ i) at i·(i + 1)/2 + j.
 * - `mean-abs`: (1 / T) · Σ |x|, one value a feature.
 * - `mean-square`: (1 / T) · Σ x², one value a feature.
 * - `gradient-abs`: (1 / N) · Σ |∂loss/∂w|, one value a weight; the loss is the mean next-token loss of one sample.
 * - `gradient-square`: (1 / N) · Σ (∂loss/∂w)², one value a weight: the diagonal of the empirical Fisher information.
 */
export type StatisticKind = (typeof STATISTIC_KINDS)[number];

export const STATISTIC_KINDS = ["hessian", "mean-abs", "mean-square", "gradient-abs", "gradient-square"] as const;

export type StatisticValues = Float32Array | Float64Array;

export interface LayerStatistics {
  /** Name of the weight in the checkpoint: "model.layers.0.self_attn.q_proj.weight". */
  readonly name: string;
  /** Of the weight as it is stored; gradients have its shape. */
  readonly shape: MatrixShape;
  /** Length of x; the columns of the weight, or its rows where it is stored transposed. */
  readonly inFeatures: number;
  readonly samples: number;
  readonly tokens: number;
  /** What was collected. Layers with the same input share the same arrays: leave them as they are. */
  readonly values: Readonly<Partial<Record<StatisticKind, StatisticValues>>>;
}
