/** Codes of calibrated methods. */
export const QUANTIZE_CODES = {
  "quantize/not-positive-definite": {
    meaning: "The Hessian of a layer has no Cholesky factor, even with a hundred times the damping that was asked for.",
    remedy: "Give a larger damping, or collect the statistics again with more samples.",
  },
  "quantize/no-input": {
    meaning:
      "All inputs of a layer are 0 in the whole calibration set, so that nothing tells which of its weights matter.",
    remedy:
      "Collect the statistics again; where the layer is never used, keep it with --skip or give it a data-free method.",
  },
  "quantize/layer-too-wide": {
    meaning: "A layer has more input features than the method can factorise in the memory of this backend.",
    remedy: "Use the native backend, or a method that needs no factor of the Hessian for this layer.",
  },
  "quantize/missing-statistic": {
    meaning: "A method was called without a statistic that it reads.",
    remedy: "Collect it: `needs` of the method lists the kinds.",
  },
  "quantize/statistic-size": {
    meaning: "A statistic of a layer has another length than its weights need.",
    remedy: "Give the statistics of this layer, collected on this model.",
  },
  "quantize/target-out-of-reach": {
    meaning: "No assignment of the candidates has stored bits within 0.5 % below the target bits per weight.",
    remedy:
      "Give --target-bpw a value inside the range that the message states, or --candidates with fewer or more bits.",
  },
  "quantize/statistic-transform": {
    meaning:
      "A method reads a statistic that cannot be carried over to rotated inputs: means of magnitudes, or gradients.",
    remedy: "Use a method that reads the Hessian or the mean square, or rotate without --rotate R4 and online.",
  },
  "quantize/statistics-needed": {
    meaning: "A method needs statistics of the model, and none were given.",
    remedy: "Give a calibration text with --calibrate, or statistics of `lowbit calibrate` with --statistics.",
  },
  "quantize/statistics-unused": {
    meaning:
      "A statistics file was given, but no method of this run reads any of its statistics, and it has no Hessian to measure with.",
    remedy: "Leave --statistics off, or collect what the method needs.",
  },
  "quantize/transposed-layer": {
    meaning:
      "A method of whole layers, or a transform of inputs, was chosen for a weight that is stored transposed (GPT-2's Conv1D).",
    remedy: "Choose a data-free method without --smooth and --rotate for this weight, or keep it with --skip.",
  },
  "quantize/outside-blocks": {
    meaning: "A method that needs statistics was chosen for a weight outside the blocks, of which none are collected.",
    remedy: "Choose a data-free method for this weight, or keep it with --skip.",
  },
  "quantize/no-candidates": {
    meaning: "A target of bits was given with an empty list of candidates.",
    remedy: "Name at least one method in the file of --candidates, or leave it out.",
  },
  "quantize/no-candidate-fits": {
    meaning: "A layer cannot be quantized with any of the candidates.",
    remedy: "Add a candidate that suits the layer, such as rtn, or keep the layer with --skip.",
  },
} as const;
