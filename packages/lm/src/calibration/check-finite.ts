import { LowbitError } from "@lowbit/core/errors";
import { isFiniteArray } from "../forward/is-finite-array.js";

/** @throws `calibration/non-finite-activation` when one value is NaN or infinite; `what` says of what */
export function checkFinite(values: Float32Array | Float64Array, what: string): void {
  if (isFiniteArray(values)) return;
  const place = values.findIndex((value) => !Number.isFinite(value));
  throw new LowbitError("calibration/non-finite-activation", `${what} holds ${values[place]}; all must be finite.`, {
    what,
    found: String(values[place]),
  });
}
