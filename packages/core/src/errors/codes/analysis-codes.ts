/** Codes of `analysis/`. */
export const ANALYSIS_CODES = {
  "analysis/unsupported-dtype": {
    meaning: "Statistics were asked of a tensor whose elements are no real numbers of at most 32 bits or floats.",
    remedy: "Leave the tensor out with --tensor; codes and indices have no statistics of weights.",
  },
  "analysis/partials-not-adjacent": {
    meaning: "Partial results of a scan do not belong together: a span is missing, doubled, or of another tensor.",
    remedy: "Merge the results of all spans of one tensor in ascending order.",
  },
  "analysis/invalid-option": {
    meaning: "An option of an analysis lies outside its range.",
    remedy: "Give a value inside the range that the message states.",
  },
  "analysis/shapes-differ": {
    meaning: "The difference of two weights was asked for that do not have the same number of rows and columns.",
    remedy: "Compare a weight with one of the same shape: the same model before and after quantization.",
  },
  "analysis/no-scales": {
    meaning:
      "A picture of scales was asked of a weight that has none: it is plain, or its terms keep values as they are.",
    remedy: "Ask for the magnitudes of the weights.",
  },
  "analysis/aborted": {
    meaning: "The scan was cancelled before it was complete.",
    remedy: "Start it again; a scan writes nothing and leaves nothing behind.",
  },
} as const;
