/** Codes of evaluation (`@lowbit/lm`). */
export const EVALUATE_CODES = {
  "evaluate/text-too-short": {
    meaning: "The text has fewer tokens than one window.",
    remedy: "Give a longer text, a smaller --context or a larger --max-tokens.",
  },
  "evaluate/empty-text": {
    meaning: "The text to evaluate on has no tokens.",
    remedy: "Give a file that holds text.",
  },
  "evaluate/invalid-text": {
    meaning: "A text is not UTF-8: it has another encoding, or is no text.",
    remedy: "Give a UTF-8 file, for example made by iconv -t utf-8.",
  },
  "evaluate/context-too-long": {
    meaning: "The context that was asked for is longer than the one that the model was made for.",
    remedy: "Give a smaller --context.",
  },
  "evaluate/invalid-option": {
    meaning: "An option of an evaluation lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "evaluate/token-out-of-range": {
    meaning: "The text has a token id that the model's vocabulary does not have.",
    remedy: "Use the tokenizer that belongs to the model.",
  },
  "evaluate/invalid-tokens": {
    meaning: "A file of token ids is no JSON list of whole numbers from 0.",
    remedy: "Give a JSON list, for example [1, 403, 407].",
  },
  "evaluate/no-begin-token": {
    meaning: "A begin token was to be put before each window, and neither tokenizer nor config names one.",
    remedy: "Evaluate with --bos none.",
  },
  "evaluate/different-vocabulary": {
    meaning: "Two models that are compared have vocabularies of different size.",
    remedy: "Compare a model with a quantized copy of itself, or with one that has the same tokenizer.",
  },
  "evaluate/different-layers": {
    meaning: "Two models whose layers are compared do not have the same linear layers.",
    remedy: "Measure --per-layer between a model and a quantized copy of itself.",
  },
  "evaluate/non-finite": {
    meaning: "A loss is NaN or infinite; the message names the layer where such values first appeared.",
    remedy: "Check the weights and scales of that layer, or quantize it with more bits.",
  },
  "evaluate/aborted": {
    meaning: "The evaluation was cancelled.",
    remedy: "Start it again.",
  },
} as const;
