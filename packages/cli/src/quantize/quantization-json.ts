import type { QuantizationForecast } from "@lowbit/core/node";
import type { ErrorFigures, PlannedTensor, PlanTotals, QuantizationReport } from "@lowbit/core/pipeline";
import type { ModelForecast } from "@lowbit/lm/node";

/** The plan as `--dry-run --json` prints it. */
export function forecastJson({ plan, files, threads, peakMemoryBytes, seconds }: QuantizationForecast): object {
  return {
    tensors: plan.tensors.map((planned) => plannedJson(planned)),
    totals: totalsJson(plan.totals),
    files,
    estimate: { threads, peakMemoryBytes, seconds },
  };
}

/** The same of a run through the model. */
export function modelForecastJson({ plan, needs, memory, walk, ...rest }: ModelForecast): object {
  return {
    tensors: plan.tensors.map((planned) => plannedJson(planned)),
    totals: totalsJson(plan.totals),
    needs,
    ...rest,
    estimate: { peakMemoryBytes: memory.peakMemory, activationsOnDisk: memory.activationsOnDisk, walk },
  };
}

/** The report as `--json` prints it. */
export function reportJson(report: QuantizationReport): object {
  const { output, tensors, totals, error, outputError, seconds, threads, backend } = report;
  return {
    output,
    tensors: tensors.map(
      ({ planned, error: tensorError, outputError: layerError, seconds: tensorSeconds, resumed }) => ({
        ...plannedJson(planned),
        ...errorJson(tensorError),
        ...(layerError !== undefined && { relativeOutputError: layerError }),
        seconds: tensorSeconds,
        resumed,
      }),
    ),
    totals: {
      ...totalsJson(totals),
      ...errorJson(error),
      ...(outputError !== undefined && { relativeOutputError: outputError }),
    },
    seconds,
    threads,
    backend,
  };
}

function plannedJson({
  tensor,
  action,
  reason,
  weights,
  quantization,
  inputBytes,
  outputBytes,
}: PlannedTensor): object {
  return {
    name: tensor.name,
    dtype: tensor.dtype,
    shape: tensor.shape,
    weights,
    action,
    reason,
    inputBytes,
    outputBytes,
    ...(quantization && {
      method: quantization.method,
      options: quantization.options,
      claimedBitsPerWeight: quantization.claimedBitsPerWeight,
      storedBitsPerWeight: quantization.storedBitsPerWeight,
    }),
  };
}

/** `storedBitsPerWeight` is of the quantized tensors, `modelBitsPerWeight` of all. */
function totalsJson({ bitsPerWeight, quantizedBitsPerWeight, ...totals }: PlanTotals): object {
  return { ...totals, storedBitsPerWeight: quantizedBitsPerWeight, modelBitsPerWeight: bitsPerWeight };
}

function errorJson(error: ErrorFigures | undefined): object {
  if (!error) return {};
  const { sqnrDb, relativeError, maxError, cosine } = error;
  return { sqnrDb, relativeSquaredError: relativeError, maxError, cosine };
}
