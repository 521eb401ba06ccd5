import { describeOutlierRule, type TensorStatistics } from "@lowbit/core/analysis";
import { formatCount, formatNumber, formatShape, formatSignificant } from "../output/quantities.js";
import { paint } from "../output/style.js";
import { type Column, renderTable, right } from "../output/table.js";

/** One line a tensor; the last lines say what the columns mean. */
export function renderStatistics(statistics: readonly TensorStatistics[]): string {
  const columns: Column[] = [
    { title: "name" },
    { title: "dtype", dispensable: 8 },
    right("shape"),
    right("mean", 4),
    right("std"),
    right("min", 2),
    right("max", 2),
    right("50 %", 6),
    right("99 %", 5),
    right("99.9 %", 3),
    right("kurtosis"),
    right("outliers"),
    right("share", 7),
    right("zeros", 7),
    right("NaN/Inf"),
  ];
  const rows = statistics.map((tensor) => [
    tensor.name,
    tensor.dtype,
    formatShape(tensor.shape),
    formatSignificant(tensor.mean),
    formatSignificant(tensor.std),
    formatSignificant(tensor.minimum),
    formatSignificant(tensor.maximum),
    ...[0.5, 0.99, 0.999].map((share) => formatSignificant(magnitudeQuantile(tensor, share))),
    formatNumber(tensor.kurtosis, 2),
    formatCount(tensor.outliers.count),
    `${(tensor.outliers.share * 100).toFixed(4)} %`,
    formatCount(tensor.zeroCount),
    badCount(tensor),
  ]);
  return `${renderTable(columns, rows)}\n${notes(statistics)}`;
}

function magnitudeQuantile(tensor: TensorStatistics, share: number): number {
  return tensor.quantiles.find((quantile) => quantile.share === share)?.magnitude ?? Number.NaN;
}

function badCount({ nanCount, infiniteCount }: TensorStatistics): string {
  const text = `${formatCount(nanCount)}/${formatCount(infiniteCount)}`;
  return nanCount + infiniteCount > 0 ? paint("red", text) : text;
}

function notes(statistics: readonly TensorStatistics[]): string {
  const [first] = statistics;
  if (!first) return "";
  const coarse = statistics.some(({ quantileResolution }) => quantileResolution === "bf16");
  return paint(
    "dim",
    `50 %, 99 %, 99.9 %: quantiles of |w|; outliers: ${describeOutlierRule(first.outliers.rule)}, so all of a norm whose mean is far from 0; kurtosis: 3 for a Gaussian${coarse ? "; quantiles of F32 and F64 tensors at bf16 resolution (2^-8 relative)" : ""}`,
  );
}
