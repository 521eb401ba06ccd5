/** Codes of gradients (`@lowbit/lm`). */
export const GRADIENT_CODES = {
  "gradient/non-finite-loss": {
    meaning: "The loss or a gradient is NaN or infinite.",
    remedy: "Look at the layer that the message names with lowbit stats; its weights or inputs are not finite.",
  },
  "gradient/invalid-batch": {
    meaning: "The tokens, targets or mask of a batch do not fit its sequences, or no token counts.",
    remedy: "Give one target, and one mask value if any, for every token, and at least one that counts.",
  },
  "gradient/cache-while-recording": {
    meaning: "A pass that is recorded for gradients was given a key-value cache.",
    remedy: "Run whole sequences without a cache to get gradients.",
  },
} as const;
