import type { RowCoverage } from "./row-selection.js";
import type { TileGeometry } from "./tile-geometry.js";

/** A picture of one figure a tile. */
export interface TileMap extends TileGeometry, RowCoverage {
  readonly tensor: string;
  /** [tilesDown, tilesAcross], row-major; NaN where a tile has nothing to show. */
  readonly values: Float32Array;
}

/** Sums of a figure over tiles, and how many weights each is of. */
export interface TileSums {
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

export function allocateTileSums({ tilesDown, tilesAcross }: TileGeometry): TileSums {
  const tiles = tilesDown * tilesAcross;
  return { sum: new Float64Array(tiles), count: new Float64Array(tiles) };
}

/** sum / count of every tile, NaN where nothing was counted. */
export function tileMeans({ sum, count }: TileSums): Float32Array {
  const means = new Float32Array(sum.length);
  for (let tile = 0; tile < means.length; tile++) means[tile] = sum[tile]! / count[tile]!;
  return means;
}

/** The square roots of the means: of squares that f32 cannot hold as well. */
export function tileRootMeans({ sum, count }: TileSums): Float32Array {
  const roots = new Float32Array(sum.length);
  for (let tile = 0; tile < roots.length; tile++) roots[tile] = Math.sqrt(sum[tile]! / count[tile]!);
  return roots;
}
