export type { GradientVisitor } from "./gradient-visitor.js";
export type { Parameter, ParameterGradients, ParameterKind } from "./parameter-gradients.js";
export { RecordingOps, type RecordingOptions } from "./recording-ops.js";
export { nextTokenBatch, type ScoredBatch } from "./scored-batch.js";
export { SummedGradients } from "./summed-gradients.js";
export { type WeightGradientOptions, weightGradients } from "./weight-gradients.js";
