export { type AddApproximation, roundToNearest, sampleRows } from "./approximate-rows.js";
export { type AwqOptions, awq } from "./awq.js";
export { type SearchedScales, type SharedInput, scaleColumns, searchScales, tieChannels } from "./search-scales.js";
