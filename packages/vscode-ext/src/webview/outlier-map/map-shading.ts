import type { MapPicture, MapQuantity } from "../../protocol/tensor-messages.js";
import { t } from "../texts.js";
import type { ColorRamp } from "./color-ramp.js";
import type { MapColors } from "./map-colors.js";

/** What colour stands for. */
export type MapShading = "sigma" | "magnitude" | "outliers" | "sign" | "scale" | "error";

export const MAP_SHADINGS: readonly MapShading[] = ["sigma", "magnitude", "outliers", "sign", "scale", "error"];

/** Which figure of a tile the engine is asked for. */
export function shadingQuantity(shading: MapShading): MapQuantity {
  return shading === "sigma" ? "magnitude" : shading;
}

export function shadingLabel(shading: MapShading): string {
  switch (shading) {
    case "sigma":
      return t("Largest |w| / σ");
    case "magnitude":
      return t("Largest |w|");
    case "outliers":
      return t("Share of outliers");
    case "sign":
      return t("Mean sign");
    case "scale":
      return t("Group scale");
    case "error":
      return t("RMS error");
  }
}

/** From values of tiles to places on a colour ramp. */
export interface ColorScale {
  readonly kind: "linear" | "logarithmic" | "diverging";
  /** Values at both ends, in the unit of the tiles. */
  readonly low: number;
  readonly high: number;
  /** Tiles are divided by it before they are shown: σ, or 1. */
  readonly unit: number;
}

export interface ScaleOptions {
  readonly logarithmic: boolean;
  /** Standard deviation of the weight; for "sigma". */
  readonly std: number;
  /** End of the scale where several maps share one; the largest tile when absent. */
  readonly end?: number | undefined;
}

/** Tiles below this share of all are left to the lower end of a logarithmic scale. */
const LOW_SHARE = 0.02;
const MOST_DECADES = 5;
const SAMPLED_TILES = 4096;
/** Fewer σ at the upper end would make ordinary weights look like outliers. */
const LEAST_SIGMAS = 6;

/** The scale that suits the tiles of a picture. */
export function colorScale(shading: MapShading, picture: MapPicture, options: ScaleOptions): ColorScale {
  if (shading === "sign") return { kind: "diverging", low: -1, high: 1, unit: 1 };
  const unit = shading === "sigma" && options.std > 0 ? options.std : 1;
  const { least, largest } = finiteRange(picture.values);
  const most = options.end ?? largest;
  const high = shading === "sigma" && options.std > 0 ? Math.max(most, LEAST_SIGMAS * unit) : most || 1;
  if (shading === "outliers" || !options.logarithmic) {
    // Scales of groups lie close together, far from 0.
    return { kind: "linear", low: shading === "scale" && least < high ? least : 0, high, unit };
  }
  const low = Math.max(lowTile(picture.values) ?? 0, high * 10 ** -MOST_DECADES);
  // A scale of one value still has two ends.
  return { kind: "logarithmic", low: low < 0.99 * high ? low : high / 10, high, unit };
}

/** 0 where no tile has a finite value. */
export function largestTile({ values }: MapPicture): number {
  return finiteRange(values).largest;
}

/** 0 and above; the least is 0 where nothing is finite. */
function finiteRange(values: Float32Array): { readonly least: number; readonly largest: number } {
  let least = Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value > largest) largest = value;
    if (value < least) least = value;
  }
  return { least: least === Number.POSITIVE_INFINITY ? 0 : least, largest };
}

/** The value above which nearly all tiles lie, of some thousand tiles: it need not be exact. */
function lowTile(values: Float32Array): number | undefined {
  const step = Math.ceil(values.length / SAMPLED_TILES);
  const sample: number[] = [];
  for (let i = 0; i < values.length; i += step) {
    const value = values[i]!;
    if (value > 0 && Number.isFinite(value)) sample.push(value);
  }
  return sample.sort((a, b) => a - b)[Math.floor(LOW_SHARE * sample.length)];
}

/** Place of a value on the ramp, 0 to 1. */
export function scalePosition(scale: ColorScale, value: number): number {
  const { low, high } = scale;
  const share =
    scale.kind === "logarithmic"
      ? Math.log(Math.abs(value) / low) / Math.log(high / low)
      : (value - low) / (high - low);
  return share > 0 ? Math.min(share, 1) : 0;
}

/** Value at a place of the ramp: the inverse. */
export function scaleValue(scale: ColorScale, position: number): number {
  const { low, high } = scale;
  return scale.kind === "logarithmic" ? low * (high / low) ** position : low + position * (high - low);
}

export function scaleRamp(scale: ColorScale, colors: MapColors): ColorRamp {
  return scale.kind === "diverging" ? colors.diverging : colors.sequential;
}

/** Values for the marks of a legend, in units (σ for "sigma"), with their places. */
export function scaleMarks(
  scale: ColorScale,
  count = 5,
): readonly { readonly position: number; readonly value: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const position = i / (count - 1);
    return { position, value: scaleValue(scale, position) / scale.unit };
  });
}
