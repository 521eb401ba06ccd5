export type { Candidate, ResolvedCandidate } from "./candidate.js";
export { type Assignment, type BitsRange, chooseAssignment, reachableBits } from "./choose-assignment.js";
export { DEFAULT_CANDIDATES } from "./default-candidates.js";
export type { Choice, LayerChoices } from "./layer-choices.js";
export { type MeasureOptions, type MeasureProgress, measureCandidates } from "./measure-candidates.js";
export { type CandidateFailure, type CandidateFigures, type MeasuredLayer, measureLayer } from "./measure-layer.js";
export { evenSensitivity, lossSensitivity, type OutputSensitivity, predictedCost } from "./output-sensitivity.js";
export { type CandidateFailures, type ChosenLayer, planTarget, type TargetPlan, targetRules } from "./target-plan.js";
