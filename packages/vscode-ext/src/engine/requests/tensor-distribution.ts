import {
  finishStatistics,
  type Histogram,
  histogram,
  partialTable,
  type ScanContext,
  type StatisticsPartial,
  scanTensor,
  type TensorStatistics,
  weightLevels,
} from "@lowbit/core/analysis";
import type { KernelBackend } from "@lowbit/core/backend";
import { matrixShape } from "@lowbit/core/tensor";
import type { HistogramBins } from "../../protocol/tensor-messages.js";
import type { Handler } from "../handler.js";
import type { Model } from "../model/model.js";
import { scanProgress } from "../scan-progress.js";
import { type StoredWeight, storedWeight, type WeightView, weightView } from "../weight-view.js";
import { groupColumns } from "./group-columns.js";

export const tensorDistribution: Handler<"tensor/distribution"> = async (request) => {
  const { params, model: slot, services, signal } = request;
  const model = await slot.open();
  const stored = storedWeight(model, params.name, params.side);
  const lane = services.lanes.figures;
  return lane.run(signal, async (backend) => {
    const view = weightView(stored, lane, backend);
    const onProgress = scanProgress(params.name, view.tensor.byteLength, request.progress);
    const context: ScanContext = { backend, signal, onProgress };
    const scan = await keptScan(model, stored, view, context);
    const outlierRule = params.rule ?? services.settings().outlierRule;
    const statistics = finishStatistics(view.tensor, scan, backend, { outlierRule });
    const { minimum, maximum, absMaximum, mean, std, rms, skewness, kurtosis } = statistics;
    const { count, nanCount, infiniteCount, zeroCount, outliers, quantiles } = statistics;
    return {
      ...{ count, nanCount, infiniteCount, zeroCount, minimum, maximum, absMaximum },
      ...{ mean, std, rms, skewness, kurtosis, quantiles },
      outlierThreshold: outliers.threshold,
      outlierCount: outliers.count,
      histogram: valueHistogram(statistics, view, scan, backend, params.bins),
      ...(await levelsOf(stored, view, params.levelsAt, context)),
    };
  });
};

/** The scan of a weight, read once. */
export async function keptScan(
  model: Model,
  { key }: StoredWeight,
  { checkpoint, tensor }: WeightView,
  context: ScanContext,
): Promise<StatisticsPartial> {
  const known = model.statistics.scan(key);
  if (known !== undefined) return known;
  const scan = await scanTensor(checkpoint, tensor, context);
  model.statistics.putScan(key, scan);
  return scan;
}

/** Bins over the range of the values, or over `range`. */
export function valueHistogram(
  { minimum, maximum }: Pick<TensorStatistics, "minimum" | "maximum">,
  { tensor }: WeightView,
  scan: StatisticsPartial,
  backend: KernelBackend,
  bins: number,
): HistogramBins {
  const { table } = partialTable(tensor.dtype, scan, backend);
  const { edges, counts }: Histogram = histogram(table, { bins, range: drawnRange(minimum, maximum) });
  return { edges, counts };
}

/** A range that has a width, also of a weight of equal values or none. */
function drawnRange(minimum: number, maximum: number): readonly [number, number] {
  if (!(minimum <= maximum)) return [-1, 1];
  if (minimum < maximum) return [minimum, maximum];
  const margin = minimum === 0 ? 1 : Math.abs(minimum) / 2;
  return [minimum - margin, maximum + margin];
}

/** Values that the weights of a group take: of the group that was named, else of the middle row's first. */
export async function levelsOf(
  { weight }: StoredWeight,
  { checkpoint, tensor }: WeightView,
  at: { readonly row: number; readonly column: number } | undefined,
  context: ScanContext,
): Promise<{ readonly levels: Float64Array; readonly levelsAt?: { row: number; column: number; columns: number } }> {
  const groupSize = weight.kind === "quantized" ? groupColumns(weight.terms) : undefined;
  const shape = matrixShape(weight.shape);
  if (groupSize === undefined || shape.rows * shape.columns === 0) return { levels: new Float64Array(0) };
  const row = at?.row ?? Math.floor(shape.rows / 2);
  const column = Math.floor((at?.column ?? 0) / groupSize) * groupSize;
  const columns = Math.max(1, Math.min(groupSize, shape.columns - column));
  const levelsAt = { row, column, columns };
  return { levels: await weightLevels(checkpoint, tensor, levelsAt, context), levelsAt };
}
