import { LowbitError } from "@lowbit/core/errors";

/** An integer from `least` to `most`, or `calibration/invalid-option`. */
export function checkCount(option: string, found: number, least: number, most: number): number {
  if (Number.isInteger(found) && found >= least && found <= most) return found;
  throw new LowbitError(
    "calibration/invalid-option",
    `${option} is ${found}; allowed are integers from ${least} to ${most}.`,
    { option, found, least, most },
  );
}
