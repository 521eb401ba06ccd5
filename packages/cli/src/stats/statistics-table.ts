import { QUANTILE_SHARES, type TensorStatistics } from "@lowbit/core/analysis";
import type { CsvTable } from "../output/csv.js";

/** One row a tensor, every figure of it. */
export function statisticsTable(statistics: readonly TensorStatistics[], decoded: ReadonlySet<string>): CsvTable {
  return {
    titles: [
      ...["name", "dtype", "is_decoded", "shape", "count", "nan_count", "infinite_count", "zero_count"],
      ...["minimum", "maximum", "abs_maximum", "mean", "std", "rms", "skewness", "kurtosis"],
      ...["outlier_threshold", "outlier_count", "outlier_share"],
      ...QUANTILE_SHARES.flatMap((share) => [`quantile_${share}`, `magnitude_quantile_${share}`]),
    ],
    rows: statistics.map((tensor) => [
      ...[tensor.name, tensor.dtype, decoded.has(tensor.name), tensor.shape.join("x")],
      ...[tensor.count, tensor.nanCount, tensor.infiniteCount, tensor.zeroCount],
      ...[tensor.minimum, tensor.maximum, tensor.absMaximum],
      ...[tensor.mean, tensor.std, tensor.rms, tensor.skewness, tensor.kurtosis],
      ...[tensor.outliers.threshold, tensor.outliers.count, tensor.outliers.share],
      ...tensor.quantiles.flatMap(({ value, magnitude }) => [value, magnitude]),
    ]),
  };
}
