import { LowbitError } from "../errors/index.js";
import { type Color, colorAt } from "./color-scale.js";
import type { TileMap } from "./tile-map.js";

/** A picture in row-major RGBA bytes, opaque, one pixel a tile, and what its colours mean. */
export interface TilePicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
  /** From dark to light. */
  readonly legend: readonly { readonly value: number; readonly color: Color }[];
}

const LEGEND_ENTRIES = 5;

/**
 * Colours the tiles of a map evenly from `bottom`, dark, to `top`, light; values beyond have the colour of the end, tiles
 * without a value the darkest.
 * @throws `analysis/invalid-option` unless bottom < top, both finite
 */
export function tileColors(
  map: Pick<TileMap, "tilesAcross" | "tilesDown" | "values">,
  { bottom, top }: { readonly bottom: number; readonly top: number },
): TilePicture {
  if (!(Number.isFinite(bottom) && Number.isFinite(top) && bottom < top)) {
    throw new LowbitError("analysis/invalid-option", `Colours need bottom < top; found ${bottom} and ${top}.`, {
      bottom,
      top,
    });
  }
  const rgba = new Uint8ClampedArray(map.values.length * 4);
  map.values.forEach((value, tile) => {
    const [red, green, blue] = colorAt((value - bottom) / (top - bottom));
    rgba.set([red, green, blue, 255], tile * 4);
  });
  const legend = Array.from({ length: LEGEND_ENTRIES }, (_, i) => {
    const position = i / (LEGEND_ENTRIES - 1);
    return { value: bottom + position * (top - bottom), color: colorAt(position) };
  });
  return { width: map.tilesAcross, height: map.tilesDown, rgba, legend };
}
