import { LowbitError } from "../errors/index.js";
import { type Color, colorAt } from "./color-scale.js";
import type { OutlierMap } from "./outlier-map.js";

/** What of an outlier map is coloured. */
export type ColoredTiles = Pick<OutlierMap, "tilesAcross" | "tilesDown" | "absMaximum">;

export interface OutlierMapColorOptions {
  /** Standard deviation of the tensor: colours show max |w| / std of a tile. */
  readonly std: number;
  /** "log" keeps the bulk apart where a few outliers are a hundred times larger. */
  readonly scale: "linear" | "log";
  /** Value of the lightest colour, in std; the largest tile, at least 6, when absent. */
  readonly top?: number;
}

/** A picture in row-major RGBA bytes, opaque, one pixel a tile, and what its colours mean. */
export interface OutlierMapPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  /** From dark to light. */
  readonly legend: readonly LegendEntry[];
}

export interface LegendEntry {
  /** max |w| / std of a tile. */
  readonly value: number;
  readonly color: Color;
}

const LEGEND_ENTRIES = 5;
const LEAST_TOP = 6;
/** Lower end of the log scale, in std: nearly every tile of normal weights lies above. */
const LOG_BOTTOM = 0.5;

/** Colours the tiles of a map by max |w| / std; a tile without a finite weight has the darkest colour. */
export function outlierMapColors(map: ColoredTiles, options: OutlierMapColorOptions): OutlierMapPicture {
  const { std, scale } = options;
  const largest = map.absMaximum.reduce((most, value) => Math.max(most, value || 0), 0);
  const top = options.top ?? Math.max(LEAST_TOP, std > 0 ? largest / std : 0);
  if (!(std >= 0) || !(top > LOG_BOTTOM)) {
    throw new LowbitError(
      "analysis/invalid-option",
      `Colours need std of 0 or more and top above ${LOG_BOTTOM}; found std ${std}, top ${top}.`,
      { std, top },
    );
  }
  const rgba = new Uint8ClampedArray(map.absMaximum.length * 4);
  map.absMaximum.forEach((value, tile) => {
    const [red, green, blue] = colorAt(std > 0 ? scalePosition(value / std, top, scale) : 0);
    rgba.set([red, green, blue, 255], tile * 4);
  });
  const legend = Array.from({ length: LEGEND_ENTRIES }, (_, i) => {
    const position = i / (LEGEND_ENTRIES - 1);
    const value = scale === "log" ? LOG_BOTTOM * (top / LOG_BOTTOM) ** position : position * top;
    return { value, color: colorAt(position) };
  });
  return { width: map.tilesAcross, height: map.tilesDown, rgba, legend };
}

function scalePosition(value: number, top: number, scale: "linear" | "log"): number {
  return scale === "log" ? Math.log(value / LOG_BOTTOM) / Math.log(top / LOG_BOTTOM) : value / top;
}
