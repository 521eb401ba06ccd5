import { LowbitError } from "@lowbit/core/errors";
import { type LayerStatistics, type StatisticKind, smoothScales } from "@lowbit/core/quantizers";
import type { DecoderConfig } from "../model/decoder-config.js";
import type { DoubleBlock } from "./double-block.js";
import { mergeScales, SCALE_SITES, siteConsumers } from "./merge-scales.js";
import { neededStatistic } from "./needed-statistic.js";

/** Per-channel scales between activations and weights (SmoothQuant). */
export interface SmoothSettings {
  /** 0 to 1; see `smoothScales`. */
  readonly alpha: number;
  /** Magnitude of an input: root of its mean square (default), or its mean absolute value. */
  readonly magnitude?: SmoothMagnitude;
}

export type SmoothMagnitude = (typeof SMOOTH_MAGNITUDES)[number];

export const SMOOTH_MAGNITUDES = ["root-mean-square", "mean-abs"] as const;

/** The statistic that a magnitude is made of. */
export function magnitudeStatistic({ magnitude = "root-mean-square" }: SmoothSettings): StatisticKind {
  return magnitude === "mean-abs" ? "mean-abs" : "mean-square";
}

/**
 * Magnitudes of a layer's inputs.
 * @throws `quantize/missing-statistic`
 */
export function inputMagnitudes(
  name: string,
  statistics: LayerStatistics | undefined,
  settings: SmoothSettings,
): ArrayLike<number> {
  const kind = magnitudeStatistic(settings);
  const values = neededStatistic(name, statistics, kind, "smoothing");
  return kind === "mean-abs" ? values : Float64Array.from(values, Math.sqrt);
}

/** Statistics of a weight of the unchanged model. */
export type StatisticsReader = (weight: string, kinds: readonly StatisticKind[]) => Promise<LayerStatistics>;

/** Merges the scales of all four inputs of a block into it. */
export async function smoothBlock(
  block: DoubleBlock,
  config: DecoderConfig,
  statistics: StatisticsReader,
  settings: SmoothSettings,
): Promise<void> {
  for (const site of SCALE_SITES) {
    const layers = siteConsumers(block, site);
    const weights = layers.map(({ weight, outFeatures, inFeatures }) => ({
      values: Float32Array.from(weight),
      rows: outFeatures,
      columns: inFeatures,
    }));
    const { name } = layers[0]!;
    const found = await statistics(name, [magnitudeStatistic(settings)]);
    const magnitudes = inputMagnitudes(name, found, settings);
    mergeScales(block, site, smoothScales(weights, magnitudes, settings.alpha), config);
  }
}

/** @throws `transform/invalid-option` */
export function checkSmooth({ alpha, magnitude = "root-mean-square" }: SmoothSettings): void {
  if (!(alpha >= 0 && alpha <= 1)) {
    throw new LowbitError("transform/invalid-option", `The smoothing strength is ${alpha}; 0 to 1 are possible.`, {
      option: "alpha",
      found: alpha,
      minimum: 0,
      maximum: 1,
    });
  }
  if (!SMOOTH_MAGNITUDES.includes(magnitude)) {
    throw new LowbitError(
      "transform/invalid-option",
      `The magnitude for smoothing is ${String(magnitude)}; ${SMOOTH_MAGNITUDES.join(", ")} are possible.`,
      { option: "magnitude", found: String(magnitude), allowed: SMOOTH_MAGNITUDES },
    );
  }
}
