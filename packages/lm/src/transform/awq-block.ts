import type { KernelBackend } from "@lowbit/core/backend";
import {
  type AwqOptions,
  awq,
  type LayerStatistics,
  resolveOptions,
  roundToNearest,
  type StatisticKind,
  type StatisticValues,
  sampleRows,
  searchScales,
  tieChannels,
} from "@lowbit/core/quantizers";
import type { RowBlock } from "@lowbit/core/tensor";
import type { AffineLayout } from "@lowbit/core/terms";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { DoubleBlock, DoubleLinear } from "./double-block.js";
import { mergeScales, SCALE_SITES, siteConsumers, valueChannels } from "./merge-scales.js";
import { neededStatistic } from "./needed-statistic.js";
import type { StatisticsReader } from "./smooth-block.js";

/** The grid that scales are searched for: that of the method awq with its other options at their defaults. */
export interface AwqSettings {
  /** 2 to 8; 4 when absent. */
  readonly bits?: number;
  /** Weights that share a scale; 128 when absent. */
  readonly group?: number | "row";
}

/** What the search reads of every input. */
export const AWQ_STATISTICS: readonly StatisticKind[] = ["hessian", "mean-abs"];

/**
 * Merges AWQ's scales of all four inputs of a block into it: one search for all layers that read an input, by the sum of
 * their output errors. A site's scales change neither weights nor inputs of the layers of another one (rows of v and up
 * aside, whose grids follow them), so that statistics of the unchanged model serve all four searches.
 * @throws `quantize/missing-statistic`
 */
export async function scaleBlock(
  block: DoubleBlock,
  config: DecoderConfig,
  statistics: StatisticsReader,
  settings: AwqSettings,
  backend: KernelBackend,
): Promise<void> {
  const options = awqOptions(settings);
  const searches = [];
  for (const site of SCALE_SITES) {
    const layers = siteConsumers(block, site);
    const found = await statistics(layers[0]!.name, AWQ_STATISTICS);
    const channels = site === "attention-output" ? valueChannels(block, config) : undefined;
    searches.push({ site, divisors: searchedDivisors(layers, found, channels, options, backend) });
  }
  // Only now, as the released code does: every search sees the original weights.
  for (const { site, divisors } of searches) mergeScales(block, site, divisors, config);
}

/**
 * The settings as options of the method.
 * @throws `options/invalid-value`
 */
export function awqOptions(settings: AwqSettings): AwqOptions {
  return resolveOptions(awq, { ...settings });
}

/** @param channelOf channel of the producer that an input column is a copy of, where there are copies */
function searchedDivisors(
  layers: readonly DoubleLinear[],
  statistics: LayerStatistics,
  channelOf: Uint32Array | undefined,
  options: AwqOptions,
  backend: KernelBackend,
): Float64Array {
  const weights = sampleRows(stacked(layers), options.searchRows);
  const layout = awq.layout(weights, options).terms[0] as AffineLayout;
  const magnitudes: StatisticValues = neededStatistic(layers[0]!.name, statistics, "mean-abs", "the search for scales");
  const input = {
    hessian: neededStatistic(layers[0]!.name, statistics, "hessian", "the search for scales"),
    meanAbs: channelOf === undefined ? magnitudes : tieChannels(magnitudes, channelOf),
  };
  // Merged scales are stored nowhere, so that nothing rounds them.
  const { inverse } = searchScales([weights], input, roundToNearest(layout, backend), "F32", backend);
  return Float64Array.from(inverse, (value) => 1 / value);
}

/** The rows of all layers below each other: the sum of their errors is the error of that matrix. */
function stacked(layers: readonly DoubleLinear[]): RowBlock {
  const columns = layers[0]!.inFeatures;
  const rows = layers.reduce((sum, { outFeatures }) => sum + outFeatures, 0);
  const values = new Float32Array(rows * columns);
  let at = 0;
  for (const { weight } of layers) {
    values.set(weight, at);
    at += weight.length;
  }
  return { values, rows, columns };
}
