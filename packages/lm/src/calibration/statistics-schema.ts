import type { StatisticKind } from "@lowbit/core/quantizers";
import type { TensorSpec } from "@lowbit/core/safetensors";
import type { BlockDescription } from "../model/block-description.js";
import type { StatisticDtype } from "./collectors/collector.js";
import { gradientKinds, INPUT_COLLECTORS, inputKinds } from "./collectors/collector-table.js";
import type { CalibrationProtocol } from "./walk-blocks.js";

/** Key of the schema in `__metadata__`. */
export const STATISTICS_METADATA_KEY = "lowbit-statistics";
export const STATISTICS_VERSION = 1;

/** A layer of a statistics file. */
export interface StatisticsLayer {
  /** Of the weight as it is stored. */
  readonly rows: number;
  readonly columns: number;
  readonly inFeatures: number;
  /** The layer under whose name the statistics of the shared input are stored; it may be this one. */
  readonly input: string;
}

/** What a statistics file says about itself; docs/formats/statistics.md has the fields. */
export interface StatisticsSchema {
  readonly version: number;
  readonly lowbitVersion: string;
  readonly modelFingerprint: string;
  readonly calibration: {
    readonly fingerprint: string;
    readonly origin: string;
    readonly samples: number;
    readonly length: number;
  };
  readonly protocol: CalibrationProtocol;
  /** Bits of activations in front of linear layers; 32: not rounded. */
  readonly activationBits: number;
  readonly dtype: StatisticDtype;
  readonly kinds: readonly StatisticKind[];
  /** By name of the weight, in the order of the forward pass. */
  readonly layers: Readonly<Record<string, StatisticsLayer>>;
}

export function statisticsLayers(blocks: readonly BlockDescription[]): Record<string, StatisticsLayer> {
  const groups = blocks.flatMap((block) => block.groups);
  return Object.fromEntries(
    groups.flatMap((layers) =>
      layers.map(({ name, rows, columns, inFeatures }) => [
        name,
        { rows, columns, inFeatures, input: layers[0]!.name },
      ]),
    ),
  );
}

/** Name of the tensor of a statistic. */
export function statisticTensor(weight: string, kind: StatisticKind): string {
  return `${weight}.${kind}`;
}

/** All tensors of a file: input statistics once an input, gradient statistics once a weight. */
export function statisticsTensors({
  layers,
  kinds,
  dtype,
}: Pick<StatisticsSchema, "layers" | "kinds" | "dtype">): readonly TensorSpec[] {
  return Object.entries(layers).flatMap(([name, { rows, columns, inFeatures, input }]) => [
    ...(input === name ? inputKinds(kinds) : []).map((kind) => ({
      name: statisticTensor(name, kind),
      dtype,
      shape: [INPUT_COLLECTORS[kind].valueCount(inFeatures)],
    })),
    ...gradientKinds(kinds).map((kind) => ({ name: statisticTensor(name, kind), dtype, shape: [rows, columns] })),
  ]);
}
