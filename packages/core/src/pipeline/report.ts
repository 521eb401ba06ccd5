import { cosineSimilarity, type ErrorSums, joinErrors, NO_ERROR, relativeError, sqnrDb } from "./error-sums.js";
import type { PlannedTensor, PlanTotals, QuantizationPlan } from "./plan.js";

/** Error of a tensor in the terms that people use. */
export interface ErrorFigures {
  /** Signal to quantization-noise ratio; infinite for an exact copy. */
  readonly sqnrDb: number;
  /** Σ (w − ŵ)² / Σ w². */
  readonly relativeError: number;
  /** Mean of (w − ŵ)² over the pairs that are not left out; NaN when there are none. */
  readonly meanSquaredError: number;
  /** Largest |w − ŵ|. */
  readonly maxError: number;
  readonly cosine: number;
}

export interface ReportTensor {
  readonly planned: PlannedTensor;
  /** Absent for kept tensors. */
  readonly error?: ErrorFigures;
  /** Relative error of the layer's outputs on calibration data, tr(D·H·Dᵀ) / tr(W·H·Wᵀ); where it was measured. */
  readonly outputError?: number;
  /** From its first chunk to its last, other tensors in flight included; 0 for tensors of an earlier run. */
  readonly seconds: number;
  /** True when an earlier run had completed it. */
  readonly resumed: boolean;
}

export interface QuantizationReport {
  readonly output: string;
  readonly tensors: readonly ReportTensor[];
  readonly totals: PlanTotals;
  /** Over all quantized weights together; absent when there are none. */
  readonly error?: ErrorFigures;
  /** Mean over the layers of which it was measured, each counted once. */
  readonly outputError?: number;
  readonly seconds: number;
  readonly threads: number;
  /** "native avx512vnni". */
  readonly backend: string;
}

export function errorFigures(sums: ErrorSums): ErrorFigures {
  return {
    sqnrDb: sqnrDb(sums),
    relativeError: relativeError(sums),
    meanSquaredError: sums.noise / (sums.weights - sums.nonFiniteCount),
    maxError: sums.maximum,
    cosine: cosineSimilarity(sums),
  };
}

/** What a tensor's work gave, in this run or an earlier one. */
export interface FinishedTensor {
  readonly errors?: ErrorSums;
  readonly outputError?: number;
  readonly seconds: number;
  readonly resumed: boolean;
}

export function makeReport(
  plan: QuantizationPlan,
  finished: ReadonlyMap<string, FinishedTensor>,
  run: Pick<QuantizationReport, "output" | "seconds" | "threads" | "backend">,
): QuantizationReport {
  let all = NO_ERROR;
  const tensors = plan.tensors.map((planned): ReportTensor => {
    const { errors, outputError, seconds, resumed } = finished.get(planned.tensor.name)!;
    if (errors === undefined) return { planned, seconds, resumed };
    all = joinErrors(all, errors);
    return {
      planned,
      error: errorFigures(errors),
      ...(outputError !== undefined && { outputError }),
      seconds,
      resumed,
    };
  });
  const outputErrors = tensors.flatMap(({ outputError }) => outputError ?? []);
  return {
    ...run,
    tensors,
    totals: plan.totals,
    ...(all.weights > 0 && { error: errorFigures(all) }),
    ...(outputErrors.length > 0 && { outputError: outputErrors.reduce((a, b) => a + b, 0) / outputErrors.length }),
  };
}
