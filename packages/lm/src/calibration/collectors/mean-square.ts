import { allocateValues, type Collector } from "./collector.js";

/** (1 / T) · Σ x², T tokens, summed in f64. */
export const meanSquare: Collector = {
  kind: "mean-square",
  valueCount: (features) => features,
  begin(features, dtype) {
    const sums = new Float64Array(features);
    return {
      add(x) {
        const { values } = x;
        for (let begin = 0; begin < values.length; begin += features) {
          for (let i = 0; i < features; i++) sums[i]! += values[begin + i]! * values[begin + i]!;
        }
      },
      finish(_samples, tokens) {
        const values = allocateValues(features, dtype);
        sums.forEach((sum, i) => {
          values[i] = sum / tokens;
        });
        return values;
      },
      release() {},
    };
  },
};
