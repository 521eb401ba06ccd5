export {
  bitsPerWeight,
  keptSize,
  type ModelSize,
  modelSize,
  quantizedSize,
  type SizeTotal,
  type WeightSize,
} from "./bits-per-weight.js";
export { type CodeValues, codeValues, type PartialTable, partialTable } from "./code-values.js";
export { type Color, colorAt } from "./color-scale.js";
export { type Histogram, type HistogramOptions, histogram } from "./histogram.js";
export type { Moments } from "./moments.js";
export { type OutlierMap, type OutlierMapOptions, outlierMap } from "./outlier-map.js";
export {
  type LegendEntry,
  type OutlierMapColorOptions,
  type OutlierMapPicture,
  outlierMapColors,
} from "./outlier-map-colors.js";
export { DEFAULT_OUTLIER_RULE, describeOutlierRule, type OutlierRule, outlierThreshold } from "./outlier-rule.js";
export { QUANTILE_SHARES, quantile } from "./quantile.js";
export type { ElementSpan } from "./read-blocks.js";
export type { ScanContext } from "./scan-context.js";
export { scanStatistics } from "./scan-statistics.js";
export {
  type FloatSums,
  mergeStatistics,
  type ScanMethod,
  type StatisticsPartial,
  scanMethod,
  statisticsSpans,
} from "./statistics-partial.js";
export {
  finishStatistics,
  type OutlierShare,
  type Quantile,
  type StatisticsOptions,
  scanTensor,
  type TensorStatistics,
  tensorStatistics,
} from "./tensor-statistics.js";
export { findPlaces, type IndexList, type PlacesOptions, type ValuePlaces, type WeightPlace } from "./value-places.js";
export type { ValueTable } from "./value-table.js";
