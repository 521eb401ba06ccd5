import type { DecoderConfig } from "../model/decoder-config.js";

/** Bytes that the activations of a batch may take. */
const ACTIVATION_BYTES = 48e6;
/** Products are at full speed with far fewer rows. */
const MOST_TOKENS = 512;
const LEAST_TOKENS = 16;
/** Floats of one chunk of logits. */
const LOGIT_FLOATS = 2 ** 22;

/** Tokens that run through a block together. */
export function defaultBatchTokens(config: DecoderConfig): number {
  const { hiddenSize, headCount, keyValueHeadCount, headSize, feedForward } = config;
  // The residual stream twice, a norm and a sum; queries, keys, values, rotated copies and the joined heads; gate, up, inner.
  const floats = 5 * hiddenSize + (3 * headCount + 3 * keyValueHeadCount) * headSize + 3 * feedForward.size;
  const fitting = Math.floor(ACTIVATION_BYTES / (floats * Float32Array.BYTES_PER_ELEMENT));
  return Math.max(LEAST_TOKENS, Math.min(MOST_TOKENS, fitting));
}

/** Rows of logits that are computed together. */
export function logitRows({ vocabularySize }: DecoderConfig): number {
  return Math.max(1, Math.floor(LOGIT_FLOATS / vocabularySize));
}
