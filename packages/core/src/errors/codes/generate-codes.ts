/** Codes of text generation and key/value caches (`@lowbit/lm`). */
export const GENERATE_CODES = {
  "generate/invalid-option": {
    meaning: "An option of text generation lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "generate/cache-full": {
    meaning: "The key/value cache has no room for the positions that were given.",
    remedy: "Make the cache with a larger capacity, or give fewer tokens.",
  },
  "generate/empty-prompt": {
    meaning: "The prompt has no tokens, so there is nothing to go on from.",
    remedy: "Give a prompt with at least one token, such as the model's beginning token.",
  },
  "generate/context-full": {
    meaning: "The prompt leaves no room for a token in the context of the model.",
    remedy: "Give a prompt that is shorter than the context that the message states.",
  },
  "generate/non-finite": {
    meaning: "The model gave a logit that is not finite.",
    remedy:
      "Run without quantized activations and cache; if it stays, the weights are broken: look for NaN with `lowbit stats`.",
  },
  "generate/aborted": {
    meaning: "Generation was cancelled.",
    remedy: "Run it again; nothing is left behind.",
  },
} as const;
