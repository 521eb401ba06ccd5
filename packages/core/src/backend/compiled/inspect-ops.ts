import type { CompiledOps } from "./compiled-ops.js";
import { decodeFloats } from "./decode-floats.js";
import { errorStatistics } from "./error-statistics.js";
import { histogramFloats } from "./histogram-floats.js";
import { histogram16 } from "./histogram16.js";
import { outlierTiles } from "./outlier-tiles.js";
import { rowStatistics } from "./row-statistics.js";

/** The ops that only look at values, for backends that ship no others: a page that shows models stays small. */
export const INSPECT_OPS: CompiledOps = {
  decodeFloats,
  rowStatistics,
  histogram16,
  histogramFloats,
  outlierTiles,
  errorStatistics,
};
