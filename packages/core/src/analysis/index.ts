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
export { errorMap, type ReadableTensor } from "./error-map.js";
export { type GroupScaleOptions, groupScales, type ScalePicture } from "./group-scales.js";
export { type Histogram, type HistogramOptions, histogram } from "./histogram.js";
export { type MatrixWindow, wholeMatrix } from "./matrix-window.js";
export { foldEqualModules, type ModuleNode, moduleTree, type TreeWeight } from "./module-tree.js";
export type { Moments } from "./moments.js";
export { type OutlierMap, type OutlierMapOptions, outlierMap } from "./outlier-map.js";
export {
  type ColoredTiles,
  type LegendEntry,
  type OutlierMapColorOptions,
  type OutlierMapPicture,
  outlierMapColors,
} from "./outlier-map-colors.js";
export { DEFAULT_OUTLIER_RULE, describeOutlierRule, type OutlierRule, outlierThreshold } from "./outlier-rule.js";
export { QUANTILE_SHARES, quantile } from "./quantile.js";
export type { ElementSpan } from "./read-blocks.js";
export { coarseRowStep, type RowCoverage } from "./row-selection.js";
export { type ScaleMapOptions, scaleMap } from "./scale-map.js";
export type { ScanContext } from "./scan-context.js";
export { scanStatistics } from "./scan-statistics.js";
export { signMap } from "./sign-map.js";
export {
  type FloatSums,
  mergeStatistics,
  type ScanMethod,
  type StatisticsPartial,
  scanMethod,
  statisticsSpans,
} from "./statistics-partial.js";
export { type StorageTotals, storageTotals } from "./storage-totals.js";
export { type TableCell, tableText } from "./table-text.js";
export { type AxisProfile, type ProfileOptions, type TensorProfiles, tensorProfiles } from "./tensor-profiles.js";
export {
  finishStatistics,
  type OutlierShare,
  type Quantile,
  type StatisticsOptions,
  scanTensor,
  type TensorStatistics,
  tensorStatistics,
} from "./tensor-statistics.js";
export type { TermRows, TermScanContext, TermSource } from "./term-rows.js";
export { type TilePicture, tileColors } from "./tile-colors.js";
export type { TileGeometry, TileOptions } from "./tile-geometry.js";
export type { TileMap } from "./tile-map.js";
export { findPlaces, type IndexList, type PlacesOptions, type ValuePlaces, type WeightPlace } from "./value-places.js";
export type { ValueTable } from "./value-table.js";
export { MOST_WINDOW_SIZE, type ValueWindow, valueWindow } from "./value-window.js";
export { MOST_LEVELS, type RowPart, weightLevels } from "./weight-levels.js";
