import type { QuantizationForecast } from "@lowbit/core/node";
import type { ErrorFigures, PlannedTensor, PlanTotals, QuantizationReport } from "@lowbit/core/pipeline";

/** The plan as `--dry-run --json` prints it. */
export function forecastJson({ plan, files, threads, peakMemoryBytes, seconds }: QuantizationForecast): object {
  return {
    tensors: plan.tensors.map((planned) => plannedJson(planned)),
    totals: totalsJson(plan.totals),
    files,
    estimate: { threads, peakMemoryBytes, seconds },
  };
}

/** The report as `--json` prints it. */
export function reportJson({ output, tensors, totals, error, seconds, threads, backend }: QuantizationReport): object {
  return {
    output,
    tensors: tensors.map(({ planned, error: tensorError, seconds: tensorSeconds, resumed }) => ({
      ...plannedJson(planned),
      ...errorJson(tensorError),
      seconds: tensorSeconds,
      resumed,
    })),
    totals: { ...totalsJson(totals), ...errorJson(error) },
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
