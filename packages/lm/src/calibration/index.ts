export {
  type ActivationStore,
  type ActivationStoreFactory,
  createMemoryStore,
  type StoreShape,
} from "./activation-store.js";
export type { OutputObserver } from "./batch-runner.js";
export { type CalibrationSet, calibrationSet, type TokenSamples } from "./calibration-set.js";
export { collectGradients, type GradientOptions, type UpdateStatistic } from "./collect-gradients.js";
export {
  type CollectOptions,
  type CollectProgress,
  collectStatistics,
  type StatisticsSink,
} from "./collect-statistics.js";
export type { InputStatisticKind, StatisticDtype } from "./collectors/collector.js";
export type { GradientStatisticKind } from "./collectors/gradient-collector.js";
export { triangleLength } from "./collectors/hessian.js";
export { type GeneratedOptions, generatedSamples } from "./generated-samples.js";
export { type CalibrationPlan, type PhasePlan, type PlanOptions, planCalibration } from "./plan-calibration.js";
export { type RandomWindowOptions, randomWindows } from "./random-windows.js";
export { replaceLayers } from "./replace-layers.js";
export type { SampleShape } from "./sample-batches.js";
export { openStatisticsFile, type StatisticsFile } from "./statistics-file.js";
export {
  STATISTICS_METADATA_KEY,
  STATISTICS_VERSION,
  type StatisticsLayer,
  type StatisticsSchema,
  statisticTensor,
} from "./statistics-schema.js";
export {
  type BlockActivations,
  type BlockVisitor,
  type CalibrationProtocol,
  type ResumedWalk,
  type VisitedLayers,
  type WalkOptions,
  type WalkProgress,
  walkBlocks,
} from "./walk-blocks.js";
