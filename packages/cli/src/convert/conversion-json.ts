import type { ConversionForecast, ConversionReport } from "@lowbit/core/node";
import type { ErrorFigures } from "@lowbit/core/pipeline";
import { verdict } from "./render-conversion.js";

/** The report as `--json` prints it. */
export function conversionJson(report: ConversionReport): object {
  const { weights, error, ...rest } = report;
  return {
    ...rest,
    verdict: verdict(report),
    weights: weights.map(({ error: added, ...weight }) => ({ ...weight, ...errorJson(added) })),
    ...errorJson(error),
  };
}

/** The plan as `--dry-run --json` prints it. */
export function conversionForecastJson(forecast: ConversionForecast): object {
  return forecast;
}

function errorJson(error: ErrorFigures | undefined): object {
  if (error === undefined) return {};
  const { sqnrDb, relativeError, maxError, cosine } = error;
  return { sqnrDb, addedRelativeError: relativeError, maxError, cosine };
}
