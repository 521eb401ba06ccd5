export { writeFileAtomic } from "./atomic-write.js";
export type { BackendModule } from "./backend-module.js";
export { type CompareOptions, type Comparison, compareCheckpoints } from "./compare-checkpoints.js";
export type { CheckpointConversion, CheckpointTarget, PlainTargetDtype } from "./convert/checkpoint-conversion.js";
export type {
  ConversionForecast,
  ConversionOutcome,
  ConversionReport,
  ConvertedWeight,
  ForecastWeight,
} from "./convert/conversion-report.js";
export { totalError } from "./convert/conversion-report.js";
export { convertCheckpoint, forecastConversion } from "./convert/convert-checkpoint.js";
export type { GgufConversion, GgufConversionTensor, GgufTensorSource } from "./convert/gguf-conversion.js";
export { layOutGgufOutput } from "./convert/lay-out-gguf.js";
export { type GgufConversionResult, writeGgufConversion } from "./convert/write-gguf-conversion.js";
export {
  type DequantizedDtype,
  type DequantizeOptions,
  type DequantizeReport,
  dequantizeCheckpoint,
} from "./dequantize-checkpoint.js";
export { openFileSource, openSyncFileReader, type SyncFileReader } from "./file-source.js";
export { findCheckpointProblems } from "./find-checkpoint-problems.js";
export { type FetchHubModelOptions, fetchHubModel, type HubProgress } from "./hub/fetch-hub-model.js";
export { isHubReference } from "./hub/hub-reference.js";
export { type HubSettings, hubSettings } from "./hub/hub-settings.js";
export { findHubModel, type HubModel, type OpenHubOptions } from "./hub/open-hub-checkpoint.js";
export { lowbitVersion } from "./lowbit-version.js";
export { openCheckpoint } from "./open-checkpoint.js";
export { checkOutputPaths } from "./partial-output.js";
export { type PlainCheckpointOptions, type TensorBytesWriter, writePlainCheckpoint } from "./plain-checkpoint.js";
export {
  DEFAULT_SHARD_BYTES,
  type PlannedCheckpoint,
  planCheckpoint,
  type QuantizationSettings,
} from "./prepare-quantization.js";
export type { OutputOrigin } from "./quantization-config.js";
export {
  forecastQuantization,
  type QuantizationForecast,
  type QuantizeOptions,
  quantizeCheckpoint,
} from "./quantize-checkpoint.js";
export { refuseGguf } from "./refuse-gguf.js";
export { isResumable } from "./resumable.js";
export { type ScanOptions, scanCheckpoint } from "./scan-checkpoint.js";
export { findSideFiles, type SideFiles } from "./side-files.js";
export { openStagedOutput, type StagedOutput, type StagedOutputOptions, type StagedWeight } from "./staged-output.js";
