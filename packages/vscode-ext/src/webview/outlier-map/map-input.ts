import type { MapQuery, WeightSide } from "../../protocol/tensor-messages.js";
import type { MapColorsName } from "./map-colors.js";
import { type MapShading, shadingQuantity } from "./map-shading.js";
import type { TileRequest } from "./tile-request.js";

/** What a map is to show. */
export interface MapInput {
  readonly name: string;
  readonly side: WeightSide;
  /** For the shading "error": what the values are compared with. */
  readonly against?: WeightSide | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly shading: MapShading;
  /** Standard deviation of the weights; 0 while it is not known. */
  readonly std: number;
  /** |w| beyond it is an outlier; undefined while it is not known: nothing is marked then. */
  readonly threshold?: number | undefined;
  /** How many weights of the whole matrix lie beyond it, where that is known. */
  readonly outlierCount?: number | undefined;
  readonly colors: MapColorsName;
  readonly logarithmic: boolean;
  /** True: the scale ends at the largest tile of what is shown, not of the whole matrix. */
  readonly rangeOfWindow: boolean;
  /** The end of a scale that several maps share: that two colours can be compared. */
  readonly scaleEnd?: number | undefined;
  readonly markOutliers: boolean;
}

/** True where colours are about |w|, so that outliers are to be spoken of. */
export function isAboutMagnitude({ shading }: MapInput): boolean {
  return shading === "sigma" || shading === "magnitude" || shading === "outliers";
}

/** True where outliers are counted tile by tile: another threshold is another picture then. */
export function countsOutliers(input: MapInput): boolean {
  const quantity = shadingQuantity(input.shading);
  return quantity === "outliers" || (quantity === "magnitude" && input.markOutliers && input.threshold !== undefined);
}

/** The request for some tiles; undefined while something is missing that it needs. */
export function mapQuery(input: MapInput, tiles: TileRequest): MapQuery | undefined {
  const { name, side, against, shading } = input;
  if (shading === "error" && against === undefined) return undefined;
  if (shading === "outliers" && input.threshold === undefined) return undefined;
  return {
    name,
    side,
    ...(shading === "error" && against !== undefined ? { against } : {}),
    quantity: shadingQuantity(shading),
    ...tiles,
    // Where nothing is counted the threshold is always the same, so that the picture is not asked for again.
    threshold: countsOutliers(input) ? input.threshold! : LARGEST_FLOAT,
  };
}

const LARGEST_FLOAT = 3.4028234663852886e38;

/** True where both show the same figures of the same values, be it in other colours. */
export function sameFigures(a: MapInput, b: MapInput): boolean {
  return (
    sameValues(a, b) &&
    shadingQuantity(a.shading) === shadingQuantity(b.shading) &&
    countsOutliers(a) === countsOutliers(b) &&
    (!countsOutliers(a) || a.threshold === b.threshold)
  );
}

/** True where both are about the same values. */
export function sameValues(a: MapInput, b: MapInput): boolean {
  return (
    a.name === b.name &&
    a.rows === b.rows &&
    a.columns === b.columns &&
    JSON.stringify([a.side, a.against]) === JSON.stringify([b.side, b.against])
  );
}
