import {
  errorMap,
  type OutlierShare,
  outlierMap,
  outlierMapColors,
  type ScanContext,
  scaleMap,
  signMap,
  type TensorStatistics,
  type TileGeometry,
  type TileMap,
  type TileOptions,
  type TilePicture,
  tileColors,
} from "@lowbit/core/analysis";
import { LowbitError } from "@lowbit/core/errors";
import type { LogicalWeight } from "@lowbit/core/layouts";
import type { Checkpoint, CheckpointTensor } from "@lowbit/core/safetensors";

/** What the colour of a tile means. */
export const MAP_QUANTITIES = ["magnitude", "outliers", "sign", "scale", "error"] as const;
export type MapQuantity = (typeof MAP_QUANTITIES)[number];

/** What a map is drawn of. */
export interface MapSubject {
  readonly checkpoint: Checkpoint;
  readonly tensor: CheckpointTensor;
  /** The weight where it is quantized: its scales can be drawn. */
  readonly quantized: LogicalWeight | undefined;
  /** For "error": what it is compared with. */
  readonly other: { readonly checkpoint: Checkpoint; readonly tensor: CheckpointTensor } | undefined;
  statistics(): Promise<TensorStatistics>;
}

/** A map in colours. */
export interface DrawnMap extends TileGeometry {
  readonly picture: TilePicture;
  /** What the colour is, for people. */
  readonly meaning: string;
  readonly std?: number;
  readonly outliers?: OutlierShare;
}

/** Largest weight in std up to which equal steps of colour are equal steps of |w|: outliers stand out from the bulk. */
const LINEAR_TOP = 24;

/** Measures the tiles of a quantity and colours them. */
export async function drawnMap(
  quantity: MapQuantity,
  subject: MapSubject,
  options: TileOptions,
  context: ScanContext,
): Promise<DrawnMap> {
  const { checkpoint, tensor, quantized, other } = subject;
  switch (quantity) {
    case "magnitude":
      return drawMagnitude(subject, options, context);
    case "outliers":
      return drawOutliers(subject, options, context);
    case "sign": {
      const map = await signMap(checkpoint, tensor, options, context);
      return { ...map, picture: tileColors(map, { bottom: -1, top: 1 }), meaning: "mean of sign(w) in a tile" };
    }
    case "scale": {
      if (quantized?.kind !== "quantized") throw noScales(tensor.name);
      const { name, terms } = quantized;
      const map = await scaleMap({ name, terms, reader: await quantized.open() }, options, context);
      return { ...map, picture: fromZero(map), meaning: "mean |scale| of the weights in a tile" };
    }
    case "error": {
      const map = await errorMap({ checkpoint, tensor }, other!, options, context);
      return { ...map, picture: fromZero(map), meaning: "root mean square of the difference in a tile" };
    }
  }
}

async function drawMagnitude(subject: MapSubject, options: TileOptions, context: ScanContext): Promise<DrawnMap> {
  const { checkpoint, tensor } = subject;
  const { std, outliers } = await subject.statistics();
  const map = await outlierMap(checkpoint, tensor, { ...options, threshold: outliers.threshold }, context);
  const largest = map.absMaximum.reduce((most, value) => Math.max(most, value || 0), 0);
  const picture = outlierMapColors(map, { std, scale: largest > LINEAR_TOP * std ? "log" : "linear" });
  return { ...map, picture, meaning: `largest |w| of a tile in std (${std.toPrecision(4)})`, std, outliers };
}

async function drawOutliers(subject: MapSubject, options: TileOptions, context: ScanContext): Promise<DrawnMap> {
  const { checkpoint, tensor } = subject;
  const { std, outliers } = await subject.statistics();
  const map = await outlierMap(checkpoint, tensor, { ...options, threshold: outliers.threshold }, context);
  const { window, tileRows, tileColumns, tilesAcross } = map;
  const values = map.absMaximum.map((largest, tile) => {
    if (Number.isNaN(largest)) return Number.NaN;
    const [down, across] = [Math.floor(tile / tilesAcross), tile % tilesAcross];
    const rows = Math.min(tileRows, window.rows - down * tileRows);
    const columns = Math.min(tileColumns, window.columns - across * tileColumns);
    return map.outlierCount[tile]! / (rows * columns);
  });
  const picture = fromZero({ ...map, values });
  return { ...map, picture, meaning: "share of outliers in a tile", std, outliers };
}

/** Colours from 0 to the largest value. */
function fromZero(map: Pick<TileMap, "tilesAcross" | "tilesDown" | "values">): TilePicture {
  const largest = map.values.reduce((most, value) => Math.max(most, value || 0), 0);
  return tileColors(map, { bottom: 0, top: largest > 0 ? largest : 1 });
}

function noScales(tensor: string): LowbitError {
  return new LowbitError("analysis/no-scales", `"${tensor}" is not quantized, so it has no scales.`, { tensor });
}
