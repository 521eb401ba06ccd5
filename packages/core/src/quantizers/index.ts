export {
  type AddApproximation,
  type AwqOptions,
  awq,
  roundToNearest,
  type SearchedScales,
  type SharedInput,
  sampleRows,
  scaleColumns,
  searchScales,
  tieChannels,
} from "./awq/index.js";
export type { CalibratedLayer, CalibratedQuantizer, LayerLayout, QuantizedLayer } from "./calibrated-quantizer.js";
export { CALIBRATED_QUANTIZERS } from "./calibrated-table.js";
export { type LayerStatistics, STATISTIC_KINDS, type StatisticKind, type StatisticValues } from "./layer-statistics.js";
export { type Method, type MethodTable, methodNamed } from "./method.js";
export type { GroupOption, OptionSpec, OptionTable } from "./option-table.js";
export { outputEnergies, relativeOutputError, unpackTriangle } from "./output-error.js";
export type { Quantizer, Survey } from "./quantizer.js";
export { QUANTIZERS } from "./quantizer-table.js";
export { describeAllowed, resolveOptions } from "./resolve-options.js";
export { rotatedInput, rotationLayout } from "./rotated-input.js";
export { dividedInput, smoothScales } from "./smooth-scales.js";
export { transformLayer } from "./transformed-layer.js";
