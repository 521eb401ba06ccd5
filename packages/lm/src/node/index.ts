export { type CalibrateOptions, type CalibrateReport, calibrateModel } from "./calibrate-model.js";
export { checkStatisticsOutput } from "./check-statistics-output.js";
export { convertToGguf, forecastToGguf, type GgufConvertOptions } from "./convert/convert-to-gguf.js";
export { type DirectoryOfGguf, directoryOfGguf } from "./convert/directory-of-gguf.js";
export type { GgufTypeChoice, TensorTypeRule } from "./convert/gguf-type-choice.js";
export { type Importance, openImportance } from "./convert/importance.js";
export { statisticsToImatrix } from "./convert/statistics-to-imatrix.js";
export { createDiskStore } from "./disk-activation-store.js";
export { forecastModel, type ModelForecast } from "./forecast-model.js";
export { loadModel, modelDirectory, openModel } from "./open-model.js";
export { openStatistics } from "./open-statistics.js";
export { openTokenizer } from "./open-tokenizer.js";
export { type PlanByTargetOptions, type PlannedTarget, planByTarget, type TargetProgress } from "./plan-by-target.js";
export type { ModelQuantizationSettings, StatisticsOrigin } from "./prepare-model-quantization.js";
export { type ModelProgress, type QuantizeModelOptions, quantizeModel } from "./quantize-model.js";
export {
  describeTransforms,
  TRANSFORM_METADATA_KEY,
  type TransformCheckpointOptions,
  type TransformedDtype,
  type TransformReport,
  transformCheckpoint,
} from "./transform-checkpoint.js";
