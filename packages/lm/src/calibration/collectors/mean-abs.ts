import { allocateValues, type Collector } from "./collector.js";

/** (1 / T) · Σ |x|, T tokens, summed in f64. */
export const meanAbs: Collector = {
  kind: "mean-abs",
  valueCount: (features) => features,
  begin(features, dtype, backend) {
    const sums = new Float64Array(features);
    let ones = new Float64Array(0);
    return {
      add(x) {
        if (ones.length !== x.rows) ones = new Float64Array(x.rows).fill(1);
        backend.absColumnSums({ values: x.values, rows: x.rows, columns: features }, ones, sums);
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
