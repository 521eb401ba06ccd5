import { type Rotation, rotatePanel, rotateRows } from "@lowbit/core/linalg";
import type { DoubleBlock, DoubleLinear, DoubleVector } from "./double-block.js";

/**
 * R1: the block reads and writes a residual stream x · R. The gains of its norms move into the layers behind them first,
 * because a norm without gain commutes with R: W · diag(γ) · R for q, k, v, gate and up, Rᵀ · W for o and down.
 */
export function rotateResidual(block: DoubleBlock, rotation: Rotation): void {
  foldNorm(block.attentionNorm, [block.query, block.key, block.value]);
  foldNorm(block.feedForwardNorm, [block.gate, block.up]);
  for (const layer of [block.query, block.key, block.value, block.gate, block.up]) rotateRows(rotation, layer.weight);
  for (const { weight, inFeatures, bias } of [block.output, block.down]) {
    rotatePanel(rotation, weight, 0, inFeatures);
    if (bias !== undefined) rotateRows(rotation, bias.values);
  }
}

/**
 * R2: value heads become v · R, one rotation for each key/value head; attention mixes tokens, not features, so that the
 * inputs of o from every query head that shares it are turned alike and o takes the turn back.
 */
export function rotateValues({ value, output }: DoubleBlock, rotations: readonly Rotation[]): void {
  const headSize = value.outFeatures / rotations.length;
  const shared = output.inFeatures / value.outFeatures;
  rotations.forEach((rotation, head) => {
    rotatePanel(rotation, value.weight, head * headSize * value.inFeatures, value.inFeatures);
    if (value.bias !== undefined) rotatePanel(rotation, value.bias.values, head * headSize, 1);
    for (let row = 0; row < output.outFeatures; row++) {
      for (let query = head * shared; query < (head + 1) * shared; query++) {
        rotatePanel(rotation, output.weight, row * output.inFeatures + query * headSize, 1);
      }
    }
  });
}

/** The gain of a norm moves into the layers behind it and becomes 1. */
function foldNorm(norm: DoubleVector, layers: readonly DoubleLinear[]): void {
  for (const { weight } of layers) multiplyColumns(weight, norm.values);
  norm.values.fill(1);
}

/** W ← W · diag(factors). */
export function multiplyColumns(weight: Float64Array, factors: ArrayLike<number>): void {
  const columns = factors.length;
  for (let at = 0; at < weight.length; at++) weight[at]! *= factors[at % columns]!;
}
