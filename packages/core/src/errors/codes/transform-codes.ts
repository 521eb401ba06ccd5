/** Codes of transforms that are merged into a model (`@lowbit/lm`). */
export const TRANSFORM_CODES = {
  "transform/unsupported-model": {
    meaning: "Transforms cannot be merged into the blocks of this family of models.",
    remedy: "Use a model of one of the families that the message lists, or rotate online (--rotate R4 or online).",
  },
  "transform/quantized-weight": {
    meaning: "A model that transforms are to be merged into is quantized already.",
    remedy: "Transform the original model, then quantize the result.",
  },
  "transform/invalid-option": {
    meaning: "An option of a transform lies outside its range, or excludes another one.",
    remedy: "Give a value inside the range that the message states.",
  },
} as const;
