import { LowbitError } from "../errors/index.js";

/** @throws `analysis/invalid-option` unless `value` is an integer from `least` to `most` */
export function checkIntegerOption(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new LowbitError(
    "analysis/invalid-option",
    `${option} is ${value}; allowed are integers from ${least} to ${most}.`,
    {
      option,
      value,
      least,
      most,
    },
  );
}
