import type { TargetPlan } from "@lowbit/lm";
import { reportJson } from "./quantization-json.js";
import type { TargetReport } from "./run-target-quantize.js";

/** The plan as `--dry-run --json` prints it. */
export function targetPlanJson({ targetBitsPerWeight, unit, assignment, layers, failures }: TargetPlan): object {
  return {
    targetBitsPerWeight,
    storedBitsPerWeight: assignment.bitsPerWeight,
    costUnit: unit,
    predictedCost: assignment.cost,
    lowerBound: assignment.lowerBound,
    costSavedByABit: assignment.savedPerBit,
    layers: layers.map(({ name, weights, bits, cost, outputError, candidate: { method, options } }) => ({
      name,
      weights,
      method,
      options,
      storedBitsPerWeight: bits / weights,
      predictedCost: cost,
      relativeOutputError: outputError,
    })),
    failures,
  };
}

/** The report of a run, with its plan and what was measured. */
export function targetReportJson({ target, report, measured }: TargetReport): object {
  return { ...reportJson(report), target: targetPlanJson(target), ...(measured !== undefined && { measured }) };
}
