import { checkAttention } from "../check-attention.js";
import type { AttentionShape } from "../ops/layer-ops.js";
import { type AttentionRow, attentionRows } from "./attention-rows.js";
import { softmax } from "./softmax.js";

export function attention(
  q: Float32Array,
  keys: Float32Array,
  values: Float32Array,
  shape: AttentionShape,
  y: Float32Array,
): void {
  checkAttention(q, keys, values, shape, y);
  const { headSize } = shape;
  for (const row of attentionRows(shape)) {
    const weights = attentionWeights(q, keys, shape, row);
    const sums = new Float64Array(headSize);
    weights.forEach((weight, j) => {
      const value = row.keys + (row.span.begin + j) * row.keyStep;
      for (let i = 0; i < headSize; i++) sums[i]! += weight * values[value + i]!;
    });
    y.set(sums, row.query);
  }
}

/** softmax(scale · q · kᵀ) over the keys that the row sees. */
export function attentionWeights(
  q: Float32Array,
  keys: Float32Array,
  { scale, headSize }: AttentionShape,
  { query, keys: firstKey, keyStep, span }: AttentionRow,
): Float64Array {
  const scores = new Float64Array(span.end - span.begin);
  for (let j = 0; j < scores.length; j++) {
    const key = firstKey + (span.begin + j) * keyStep;
    let sum = 0;
    for (let i = 0; i < headSize; i++) sum += q[query + i]! * keys[key + i]!;
    scores[j] = scale * sum;
  }
  return softmax(scores);
}
