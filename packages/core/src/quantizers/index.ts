export { type LayerStatistics, STATISTIC_KINDS, type StatisticKind, type StatisticValues } from "./layer-statistics.js";
export type { GroupOption, OptionSpec, OptionTable } from "./option-table.js";
export type { Quantizer, Survey } from "./quantizer.js";
export { QUANTIZERS } from "./quantizer-table.js";
export { describeAllowed, resolveOptions } from "./resolve-options.js";
