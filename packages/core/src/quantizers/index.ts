export type { GroupOption, OptionSpec, OptionTable } from "./option-table.js";
export type { Quantizer, StatisticKind, Survey } from "./quantizer.js";
export { QUANTIZERS } from "./quantizer-table.js";
export { describeAllowed, resolveOptions } from "./resolve-options.js";
