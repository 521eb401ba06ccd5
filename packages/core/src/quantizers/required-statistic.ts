import { LowbitError } from "../errors/lowbit-error.js";
import type { CalibratedLayer } from "./calibrated-quantizer.js";
import type { StatisticKind, StatisticValues } from "./layer-statistics.js";

/**
 * A statistic that a method needs of this layer.
 * @throws `quantize/missing-statistic`, `quantize/statistic-size`
 */
export function requiredStatistic({ weights, statistics }: CalibratedLayer, kind: StatisticKind): StatisticValues {
  const values = statistics.values[kind];
  if (values === undefined) {
    const kinds = Object.keys(statistics.values);
    throw new LowbitError(
      "quantize/missing-statistic",
      `The statistics of ${statistics.name} have no ${kind}; they have ${kinds.join(", ") || "none"}.`,
      { weight: statistics.name, asked: kind, kinds },
    );
  }
  const expected = statisticLength(kind, weights.rows, weights.columns);
  if (values.length !== expected) {
    throw new LowbitError(
      "quantize/statistic-size",
      `The ${kind} of ${statistics.name} has ${values.length} values; weights of ${weights.rows} × ${weights.columns} need ${expected}.`,
      { weight: statistics.name, statistic: kind, found: values.length, expected },
    );
  }
  return values;
}

function statisticLength(kind: StatisticKind, rows: number, columns: number): number {
  switch (kind) {
    case "hessian":
      return (columns * (columns + 1)) / 2;
    case "mean-abs":
    case "mean-square":
      return columns;
    case "gradient-abs":
    case "gradient-square":
      return rows * columns;
  }
}
