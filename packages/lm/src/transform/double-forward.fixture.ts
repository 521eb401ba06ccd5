import type { DecoderConfig, RotaryPositions } from "../model/decoder-config.js";
import type { DoubleBlock, DoubleLinear } from "./double-block.js";

/** Rows of f64 numbers. */
type Rows = Float64Array[];

/**
 * A block of the Llama family in f64, straight from its formulas: RMS norms, rotary positions, causal attention with shared
 * value heads, a gated feed-forward layer. `x`: the residual stream, one row for each position of one sequence.
 */
export function doubleForward(block: DoubleBlock, config: DecoderConfig, x: Rows): Rows {
  const { epsilon } = config.norm;
  const normed = x.map((row) => rmsNorm(row, block.attentionNorm.values, epsilon));
  const attended = attention(block, config, normed).map((row) => linear(block.output, row));
  const h = x.map((row, t) => row.map((value, i) => value + attended[t]![i]!));
  return h.map((row) => {
    const inner = rmsNorm(row, block.feedForwardNorm.values, epsilon);
    const gate = linear(block.gate, inner);
    const fed = linear(block.up, inner).map((up, i) => (up * gate[i]!) / (1 + Math.exp(-gate[i]!)));
    const down = linear(block.down, fed);
    return row.map((value, i) => value + down[i]!);
  });
}

function rmsNorm(x: Float64Array, gain: Float64Array, epsilon: number): Float64Array {
  const mean = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  return x.map((value, i) => (value / Math.sqrt(mean + epsilon)) * gain[i % gain.length]!);
}

function linear({ weight, bias, inFeatures, outFeatures }: DoubleLinear, x: Float64Array): Float64Array {
  return Float64Array.from({ length: outFeatures }, (_, row) => {
    let sum = bias?.values[row] ?? 0;
    for (let i = 0; i < inFeatures; i++) sum += weight[row * inFeatures + i]! * x[i]!;
    return sum;
  });
}

function attention(block: DoubleBlock, config: DecoderConfig, x: Rows): Rows {
  const { headCount, keyValueHeadCount, headSize, attentionScale } = config;
  const [queryNorm, keyNorm] = block.headNorms;
  const heads = (layer: DoubleLinear, norm: Float64Array | undefined) =>
    x.map((row, position) => {
      const all = linear(layer, row);
      for (let begin = 0; begin < all.length; begin += headSize) {
        const head = all.subarray(begin, begin + headSize);
        if (norm !== undefined) head.set(rmsNorm(head, norm, config.norm.epsilon));
        turn(head, config.positions as RotaryPositions, position);
      }
      return all;
    });
  const queries = heads(block.query, queryNorm?.values);
  const keys = heads(block.key, keyNorm?.values);
  const values = x.map((row) => linear(block.value, row));
  return x.map((_, t) => {
    const joined = new Float64Array(headCount * headSize);
    for (let head = 0; head < headCount; head++) {
      const from = Math.floor((head * keyValueHeadCount) / headCount) * headSize;
      const query = queries[t]!.subarray(head * headSize, (head + 1) * headSize);
      const scores = keys.slice(0, t + 1).map((key) => {
        const sum = query.reduce((total, value, i) => total + value * key[from + i]!, 0);
        return Math.exp(sum * attentionScale);
      });
      const total = scores.reduce((a, b) => a + b, 0);
      scores.forEach((score, s) => {
        for (let i = 0; i < headSize; i++) joined[head * headSize + i]! += (score / total) * values[s]![from + i]!;
      });
    }
    return joined;
  });
}

function turn(head: Float64Array, { frequencies, attentionFactor }: RotaryPositions, position: number): void {
  const half = head.length / 2;
  for (let i = 0; i < half; i++) {
    const angle = position * frequencies[i]!;
    const [cos, sin] = [Math.cos(angle) * attentionFactor, Math.sin(angle) * attentionFactor];
    const [a, b] = [head[i]!, head[i + half]!];
    head[i] = a * cos - b * sin;
    head[i + half] = b * cos + a * sin;
  }
}
