import type { ErrorStatistics, OutlierTiles, RowStatistics, TileGrid } from "./ops/statistics-ops.js";

/** Empty results of the ops in ops/statistics-ops.ts. */
export function allocateRowStatistics(rows: number): RowStatistics {
  return {
    minimum: new Float32Array(rows),
    maximum: new Float32Array(rows),
    absMaximum: new Float32Array(rows),
    sum: new Float64Array(rows),
    sum2: new Float64Array(rows),
    sum3: new Float64Array(rows),
    sum4: new Float64Array(rows),
    nanCount: new Uint32Array(rows),
    infiniteCount: new Uint32Array(rows),
    zeroCount: new Uint32Array(rows),
  };
}

export function allocateErrorStatistics(rows: number): ErrorStatistics {
  return {
    signal: new Float64Array(rows),
    noise: new Float64Array(rows),
    approximationPower: new Float64Array(rows),
    product: new Float64Array(rows),
    maximum: new Float32Array(rows),
    nonFiniteCount: new Uint32Array(rows),
  };
}

export function allocateOutlierTiles(rows: number, columns: number, grid: TileGrid): OutlierTiles {
  const tiles = Math.ceil(rows / grid.tileRows) * Math.ceil(columns / grid.tileColumns);
  return { absMaximum: new Float32Array(tiles), outlierCount: new Uint32Array(tiles) };
}
