export { throwIfAborted } from "./abort.js";
export type { ChunkEnvironment, QuantizerTable } from "./chunk-environment.js";
export type { BlockEncoder, ChunkJob, ChunkTask, PlacedTerm, Placement } from "./chunk-task.js";
export { type ComparedBytes, compareBytes } from "./compare-bytes.js";
export {
  type ComparedStructure,
  compareStructure,
  hasValues,
  pairWeights,
  type StructureDifference,
  type WeightPair,
} from "./compare-structure.js";
export {
  type ComparedWeight,
  type ComparedWeights,
  type ComparisonListeners,
  compareWeights,
} from "./compare-weights.js";
export { isFittedType } from "./encode-chunk.js";
export { cosineSimilarity, type ErrorSums, joinErrors, NO_ERROR, relativeError, sqnrDb } from "./error-sums.js";
export type { ChunkExecutor } from "./executor.js";
export { createInProcessExecutor } from "./in-process-executor.js";
export type { JournalEntry } from "./journal.js";
export { KEEP_REASONS, type KeepReason } from "./keep-reason.js";
export { estimateSeconds } from "./measure-rates.js";
export { estimatePeakMemory, threadsWithinMemory } from "./memory-limit.js";
export type { OutputFiles, OutputSplit } from "./output-files.js";
export type { OutputWriter } from "./output-writer.js";
export {
  type PlannedQuantization,
  type PlannedTensor,
  type PlanSettings,
  type PlanTotals,
  planQuantization,
  planTotals,
  type QuantizationPlan,
  refuseNothingToDo,
} from "./plan.js";
export type { ProgressEvent, ProgressListener } from "./progress.js";
export {
  layOutQuantization,
  layOutWeights,
  plannedWeight,
  type QuantizationOutput,
} from "./quantization-output.js";
export { quantizeMatrix } from "./quantize-matrix.js";
export type { ErrorFigures, FinishedTensor, QuantizationReport, ReportTensor } from "./report.js";
export { errorFigures, makeReport } from "./report.js";
export { type RunTasksOptions, runTasks, type TaskResult } from "./run-tasks.js";
export type { RuleAction, TensorRule } from "./tensor-rule.js";
export {
  type TrialContext,
  type TrialMethod,
  type TrialQuantization,
  trialQuantization,
} from "./trial-quantization.js";
export { weightErrors } from "./weight-errors.js";
export { createWorkspace, type Workspace, type WorkspaceSizes, workspaceByteLength } from "./workspace.js";
export { workspaceSizes } from "./workspace-sizes.js";
