import { checkAttentionGradient } from "../check-attention.js";
import type { AttentionShape } from "../ops/layer-ops.js";
import { attentionWeights } from "./attention.js";
import { attentionRows } from "./attention-rows.js";

/**
 * With weights p = softmax(s) of a row: dV_j += p_j · dy; dp_j = dy · v_j; ds_j = p_j · (dp_j − Σ p · dp);
 * dq += scale · Σ ds_j · k_j; dK_j += scale · ds_j · q. Sums in f64, rounded once.
 */
export function attentionGradient(
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  dy: Float32Array,
  dq: Float32Array,
  dKeys: Float32Array,
  dValues: Float32Array,
): void {
  checkAttentionGradient(q, keys, values, shape, dy, dq, dKeys, dValues);
  const { headSize, scale } = shape;
  const keySums = Float64Array.from(dKeys);
  const valueSums = Float64Array.from(dValues);
  for (const row of attentionRows(shape)) {
    const weights = attentionWeights(q, keys, shape, row);
    const keyAt = (j: number) => row.keys + (row.span.begin + j) * row.keyStep;
    const weightGradients = weights.map((_, j) => {
      let sum = 0;
      for (let i = 0; i < headSize; i++) sum += dy[row.query + i]! * values[keyAt(j) + i]!;
      return sum;
    });
    const mean = weights.reduce((sum, weight, j) => sum + weight * weightGradients[j]!, 0);
    const querySums = Float64Array.from(dq.subarray(row.query, row.query + headSize));
    weights.forEach((weight, j) => {
      const score = scale * weight * (weightGradients[j]! - mean);
      for (let i = 0; i < headSize; i++) {
        valueSums[keyAt(j) + i]! += weight * dy[row.query + i]!;
        querySums[i]! += score * keys[keyAt(j) + i]!;
        keySums[keyAt(j) + i]! += score * q[row.query + i]!;
      }
    });
    dq.set(querySums, row.query);
  }
  dKeys.set(keySums);
  dValues.set(valueSums);
}
