import type { RowBlock } from "../../tensor/row-block.js";
import type { ActivationKind, AttentionShape } from "./layer-ops.js";

/**
 * Vector-Jacobian products of the layer ops: from `dy`, the gradient of the loss by the output, to gradients by inputs
 * and parameters. Every target is added to. The gradients of linear layers are `matmul`s, that of `rotaryEmbedding` is its
 * inverse, that of `addTo` is `addTo`.
 */
export interface GradientOps {
  rmsNormGradient(
    x: RowBlock,
    weight: Float32Array,
    epsilon: number,
    dy: Float32Array,
    dx: Float32Array,
    dWeight: Float32Array,
  ): void;
  /** dBias null: the layer has no bias. */
  layerNormGradient(
    x: RowBlock,
    weight: Float32Array,
    epsilon: number,
    dy: Float32Array,
    dx: Float32Array,
    dWeight: Float32Array,
    dBias: Float32Array | null,
  ): void;
  /**
   * Scores are computed again, a block of rows at a time. Shapes as in `attention`; dKeys and dValues like keys and values.
   * A NaN may reach every gradient of its sequence and key head, but no other sequence.
   */
  attentionGradient(
    q: Float32Array,
    keys: Float32Array,
    values: Float32Array,
    shape: AttentionShape,
    dy: Float32Array,
    dq: Float32Array,
    dKeys: Float32Array,
    dValues: Float32Array,
  ): void;
  activationGradient(kind: ActivationKind, x: Float32Array, dy: Float32Array, dx: Float32Array): void;
  gatedActivationGradient(
    kind: ActivationKind,
    gate: Float32Array,
    up: Float32Array,
    dy: Float32Array,
    dGate: Float32Array,
    dUp: Float32Array,
  ): void;
  /** `dLogits += scale · (softmax(logits) − onehot(targets))`. */
  crossEntropyGradient(logits: RowBlock, targets: Uint32Array, scale: number, dLogits: Float32Array): void;
  /** `dTable[rows[i], ·] += dy[i, ·]`: the gradient of `gatherRows`, rows in ascending order of i. */
  scatterRows(rows: Uint32Array, dy: RowBlock, dTable: Float32Array): void;
  /** `sums[column] += Σ_rows x[row, column]`: the gradient of `addBias`. */
  addColumnSums(x: RowBlock, sums: Float32Array): void;
}
