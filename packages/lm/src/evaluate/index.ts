export { compareModels, type DivergenceSummary, type ModelComparison } from "./compare-models.js";
export type { Estimate } from "./estimate.js";
export { type Evaluation, evaluateTokens } from "./evaluate-tokens.js";
export type { EvaluationOptions, EvaluationProgress, RunOptions, WindowOptions } from "./evaluation-options.js";
export { type LayerErrors, measureLayerErrors, type OutputError } from "./layer-errors.js";
export { type Protocol, planWindows, type TextWindow, type WindowPlan } from "./window-plan.js";
