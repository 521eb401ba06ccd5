import { LowbitError } from "@lowbit/core/errors";
import { kthLargest } from "./kth-largest.js";
import { type RandomSource, seededRandom } from "./random-source.js";
import { checkSampling, type SamplingOptions } from "./sampling-options.js";

/** Chooses the next token from logits [vocabulary]. */
export type TokenChooser = (logits: Float32Array) => number;

/** @throws `generate/invalid-option`; the chooser: `generate/non-finite` for logits with NaN or +∞, or all −∞ */
export function tokenChooser(options: SamplingOptions = {}): TokenChooser {
  checkSampling(options);
  const { temperature = 0, seed = 0 } = options;
  if (temperature === 0) return mostLikely;
  const random = seededRandom(seed);
  return (logits) => drawToken(likelyTokens(logits, options), random);
}

/** Index of the largest logit, the lowest on a tie. */
export function mostLikely(logits: Float32Array): number {
  let best = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (logit > largest) {
      largest = logit;
      best = i;
    } else if (Number.isNaN(logit)) throw nonFinite(i, logit);
  }
  if (!Number.isFinite(largest)) throw nonFinite(best, largest);
  return best;
}

function nonFinite(token: number, logit: number): LowbitError {
  return new LowbitError("generate/non-finite", `The logit of token ${token} is ${logit}.`, {
    token,
    logit: String(logit),
  });
}

/** Tokens that may be drawn, with weights in proportion to their probabilities. */
export interface LikelyTokens {
  readonly tokens: readonly number[] | Uint32Array;
  readonly weights: Float64Array;
}

/**
 * The filters in the order of Hugging Face transformers: temperature, top-k, top-p over what top-k left. Of tokens with
 * equal logits at the edge the lower ids stay.
 */
export function likelyTokens(logits: Float32Array, { temperature = 1, topK, topP = 1 }: SamplingOptions): LikelyTokens {
  const largest = logits[mostLikely(logits)]!;
  const weights = new Float64Array(logits.length);
  for (let i = 0; i < weights.length; i++) weights[i] = Math.exp((logits[i]! - largest) / temperature);
  const kept = topK !== undefined && topK < weights.length ? mostProbable(weights, topK) : every(weights);
  return topP < 1 ? nucleus(kept, topP) : kept;
}

function every(weights: Float64Array): LikelyTokens {
  const tokens = new Uint32Array(weights.length);
  for (let i = 0; i < tokens.length; i++) tokens[i] = i;
  return { tokens, weights };
}

function mostProbable(weights: Float64Array, count: number): LikelyTokens {
  const edge = kthLargest(weights.slice(), count);
  let above = 0;
  for (const weight of weights) if (weight > edge) above++;
  let atEdge = count - above;
  const tokens: number[] = [];
  weights.forEach((weight, token) => {
    if (weight > edge || (weight === edge && atEdge-- > 0)) tokens.push(token);
  });
  return { tokens, weights: Float64Array.from(tokens, (token) => weights[token]!) };
}

function nucleus({ tokens, weights }: LikelyTokens, topP: number): LikelyTokens {
  const total = sum(weights);
  // Tokens below this weight have less than 1 − topP of the probability together, so all of them go: few are sorted.
  const least = ((1 - topP) * total) / weights.length;
  const places: number[] = [];
  weights.forEach((weight, place) => {
    if (weight >= least) places.push(place);
  });
  places.sort((a, b) => weights[b]! - weights[a]! || tokens[a]! - tokens[b]!);
  let reached = 0;
  let count = 0;
  while (count < places.length && reached < topP * total) reached += weights[places[count++]!]!;
  const kept = places.slice(0, Math.max(1, count));
  return {
    tokens: kept.map((place) => tokens[place]!),
    weights: Float64Array.from(kept, (place) => weights[place]!),
  };
}

function drawToken({ tokens, weights }: LikelyTokens, random: RandomSource): number {
  const target = random() * sum(weights);
  let reached = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    reached += weights[i]!;
    last = tokens[i]!;
    if (reached > target) return last;
  }
  return last;
}

function sum(weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  return total;
}
