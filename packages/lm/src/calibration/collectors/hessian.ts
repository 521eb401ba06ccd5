import type { StatisticValues } from "@lowbit/core/quantizers";
import { allocateValues, type Collector } from "./collector.js";

/** Elements of the lower triangle with the diagonal. */
export function triangleLength(size: number): number {
  return (size * (size + 1)) / 2;
}

/**
 * (2 / N) · Σ x·xᵀ, N samples: the second derivative of the layer's output error by a row of its weights, as GPTQ's code
 * scales it. The scale does not matter to methods, whose damping is relative to the mean of the diagonal.
 */
export const hessian: Collector = {
  kind: "hessian",
  valueCount: triangleLength,
  begin(features, dtype, backend) {
    const length = triangleLength(features);
    const buffer = backend.allocate(length * (dtype === "F64" ? 8 : 4));
    const sums = (): StatisticValues => {
      const bytes = buffer.bytes();
      return dtype === "F64"
        ? new Float64Array(bytes.buffer, bytes.byteOffset, length)
        : new Float32Array(bytes.buffer, bytes.byteOffset, length);
    };
    sums().fill(0);
    return {
      add: (x) => backend.gramAccumulate({ values: x.values, rows: x.rows, columns: features }, sums()),
      finish(samples) {
        const values = allocateValues(length, dtype);
        const from = sums();
        const scale = 2 / samples;
        for (let i = 0; i < length; i++) values[i] = from[i]! * scale;
        buffer.release();
        return values;
      },
      release: () => buffer.release(),
    };
  },
};
