import type { KernelBackend } from "../backend/kernel-backend.js";
import type { Dtype } from "../dtype/dtype-table.js";
import { LowbitError } from "../errors/index.js";
import type { Checkpoint, CheckpointTensor } from "../safetensors/checkpoint.js";
import { elementCount } from "../tensor/matrix-shape.js";
import { partialTable } from "./code-values.js";
import { type Moments, momentsOfPowerSums, momentsOfTable, type PowerSums } from "./moments.js";
import { DEFAULT_OUTLIER_RULE, type OutlierRule, outlierThreshold } from "./outlier-rule.js";
import { QUANTILE_SHARES, quantile } from "./quantile.js";
import type { ScanContext } from "./scan-context.js";
import { scanStatistics } from "./scan-statistics.js";
import { mergeStatistics, type StatisticsPartial, scanMethod, statisticsSpans } from "./statistics-partial.js";
import { countAbove, magnitudeTable } from "./value-table.js";

export interface TensorStatistics extends Moments {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** All elements; the finite ones are those without `nanCount` and `infiniteCount`, and all figures are of those. */
  readonly count: number;
  readonly nanCount: number;
  readonly infiniteCount: number;
  readonly zeroCount: number;
  /** NaN when no element is finite, as are moments and quantiles. */
  readonly minimum: number;
  readonly maximum: number;
  readonly absMaximum: number;
  readonly quantiles: readonly Quantile[];
  readonly outliers: OutlierShare;
  /**
   * "exact", or "bf16": quantiles and the outlier count come from the upper 16 bits of each f32, so that a quantile is
   * off by at most 2^-8 of its value. Counts, extremes and moments are exact sums over the values in either case.
   */
  readonly quantileResolution: "exact" | "bf16";
  /** True for F64: every figure is of the values rounded to f32. */
  readonly roundedToF32: boolean;
}

export interface Quantile {
  /** 0 to 1. */
  readonly share: number;
  /** Quantile of w. */
  readonly value: number;
  /** Quantile of |w|. */
  readonly magnitude: number;
}

export interface OutlierShare {
  readonly rule: OutlierRule;
  readonly threshold: number;
  readonly count: number;
  /** count / finite elements; 0 for none. */
  readonly share: number;
}

export interface StatisticsOptions {
  /** |w| > 6 std when absent. */
  readonly outlierRule?: OutlierRule;
  /** Each 0 to 1; 0.001 … 0.999 when absent. */
  readonly quantileShares?: readonly number[];
}

/**
 * The figures of a tensor from the partial result of all its elements. Equal for every division into spans and every
 * backend.
 */
export function finishStatistics(
  tensor: CheckpointTensor,
  partial: StatisticsPartial,
  backend: KernelBackend,
  options: StatisticsOptions = {},
): TensorStatistics {
  const count = elementCount(tensor.shape);
  if (partial.begin !== 0 || partial.end !== count || partial.tensor !== tensor.name) {
    throw new LowbitError(
      "analysis/partials-not-adjacent",
      `Elements ${partial.begin} … ${partial.end} of "${partial.tensor}" are not all ${count} of "${tensor.name}".`,
      { tensor: tensor.name, elements: count, begin: partial.begin, end: partial.end },
    );
  }
  const { table, nanCount, infiniteCount } = partialTable(tensor.dtype, partial, backend);
  const finiteCount = count - nanCount - infiniteCount;
  const moments = partial.sums
    ? momentsOfPowerSums(foldSegments(partial.sums.segments, finiteCount))
    : momentsOfTable(table);
  const minimum = partial.sums && finiteCount > 0 ? partial.sums.minimum : (table.values[0] ?? Number.NaN);
  const maximum = partial.sums && finiteCount > 0 ? partial.sums.maximum : (table.values.at(-1) ?? Number.NaN);
  const magnitudes = magnitudeTable(table);
  const rule = options.outlierRule ?? DEFAULT_OUTLIER_RULE;
  const threshold = outlierThreshold(rule, moments.std, table);
  const outlierCount = countAbove(table, threshold);
  return {
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    count,
    nanCount,
    infiniteCount,
    zeroCount: partial.sums ? partial.sums.zeroCount : countOfZero(table.values, table.counts),
    minimum,
    maximum,
    absMaximum: Math.max(Math.abs(minimum), Math.abs(maximum)),
    ...moments,
    quantiles: (options.quantileShares ?? QUANTILE_SHARES).map((share) => ({
      share,
      value: quantile(table, share),
      magnitude: quantile(magnitudes, share),
    })),
    outliers: { rule, threshold, count: outlierCount, share: finiteCount > 0 ? outlierCount / finiteCount : 0 },
    quantileResolution: scanMethod(tensor.dtype) === "sums" ? "bf16" : "exact",
    roundedToF32: tensor.dtype === "F64",
  };
}

/** Scans a whole tensor on this thread, in bounded memory. */
export async function tensorStatistics(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  context: ScanContext,
  options: StatisticsOptions = {},
): Promise<TensorStatistics> {
  const partial = await scanTensor(checkpoint, tensor, context);
  return finishStatistics(tensor, partial, context.backend, options);
}

/** The merged scan of all spans; `partialTable` makes a histogram of it. */
export async function scanTensor(
  checkpoint: Checkpoint,
  tensor: CheckpointTensor,
  context: ScanContext,
): Promise<StatisticsPartial> {
  let merged: StatisticsPartial | undefined;
  for (const span of statisticsSpans(tensor)) {
    const partial = await scanStatistics(checkpoint, tensor, span, context);
    merged = merged ? mergeStatistics([merged, partial]) : partial;
  }
  return merged!;
}

function foldSegments(segments: Float64Array, count: number): PowerSums {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < segments.length; i++) sums[i % 4]! += segments[i]!;
  return { count, sum: sums[0], sum2: sums[1], sum3: sums[2], sum4: sums[3] };
}

function countOfZero(values: Float64Array, counts: Float64Array): number {
  const zero = values.indexOf(0);
  return zero < 0 ? 0 : counts[zero]!;
}
