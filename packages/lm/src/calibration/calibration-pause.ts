import { type Pause, pauseUnlessAborted } from "../forward/pause-unless-aborted.js";

/** Between batches. @throws `calibration/aborted` */
export function calibrationPause(signal: AbortSignal | undefined): Pause {
  return pauseUnlessAborted(signal, "calibration/aborted", "Calibration was cancelled.");
}
