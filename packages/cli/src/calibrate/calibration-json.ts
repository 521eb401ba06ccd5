import type { CalibrationSet } from "@lowbit/lm";
import type { CalibrateAnswer, CalibrateForecast, CalibrateRequest } from "./run-calibrate.js";

/** `--json` of a dry run. */
export function forecastJson({ set, samples, length, ...rest }: CalibrateForecast, request: CalibrateRequest): object {
  return { ...requestJson(request), ...rest, samples: set === undefined ? { samples, length } : samplesJson(set) };
}

/** `--json` of a run. */
export function answerJson({ set, ...rest }: CalibrateAnswer, request: CalibrateRequest): object {
  return { ...requestJson(request), ...rest, samples: samplesJson(set) };
}

function requestJson({ model, output, kinds, dtype, seed }: CalibrateRequest): object {
  return { model, output, kinds, dtype, seed };
}

/** Without the ids, which may be millions. */
function samplesJson({ samples, length, origin, fingerprint }: CalibrationSet): object {
  return { samples, length, origin, fingerprint };
}
