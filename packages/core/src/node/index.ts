export { writeFileAtomic } from "./atomic-write.js";
export type { BackendModule } from "./backend-module.js";
export {
  type ComparedBytes,
  type ComparedWeight,
  type CompareOptions,
  type Comparison,
  compareCheckpoints,
  type StructureDifference,
} from "./compare-checkpoints.js";
export {
  type DequantizedDtype,
  type DequantizeOptions,
  type DequantizeReport,
  dequantizeCheckpoint,
} from "./dequantize-checkpoint.js";
export { openFileSource, openSyncFileReader, type SyncFileReader } from "./file-source.js";
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
export { isResumable } from "./resumable.js";
export { type ScanOptions, scanCheckpoint } from "./scan-checkpoint.js";
export { openStagedOutput, type StagedOutput, type StagedOutputOptions, type StagedWeight } from "./staged-output.js";
