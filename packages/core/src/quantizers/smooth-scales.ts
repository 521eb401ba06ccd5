import { power } from "../linalg/power.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { InputTransform } from "../terms/input-transform.js";
import { SCALE_BYTES, writeScales } from "../terms/scale-array.js";
import type { ScaleDtype } from "../terms/term.js";

/**
 * How much each input channel is divided by so that weights take over a part of its magnitude (SmoothQuant, arXiv 2211.10438,
 * equation 4): s_j = a_j^α / w_j^(1 − α), w_j the largest |w| of the channel over all layers that read it. All s are then
 * divided by √(largest · smallest), which moves no code but keeps them near 1. Channels without inputs or without weights
 * keep s = 1.
 * @param activations magnitude a_j of every input: its mean |x| or root mean square
 * @param alpha 0 to 1: how much of the difficulty goes from activations to weights
 */
export function smoothScales(
  weights: readonly RowBlock[],
  activations: ArrayLike<number>,
  alpha: number,
): Float32Array {
  const largest = new Float32Array(activations.length);
  for (const { values, columns } of weights) {
    for (let at = 0; at < values.length; at++) {
      const column = at % columns;
      largest[column] = Math.max(largest[column]!, Math.abs(values[at]!));
    }
  }
  const raw = Float64Array.from(largest, (weight, j) =>
    weight > 0 && activations[j]! > 0 ? power(activations[j]!, alpha) * power(weight, alpha - 1) : 0,
  );
  const used = raw.filter((scale) => scale > 0);
  const middle = Math.sqrt(used.reduce((a, b) => Math.max(a, b), 0) * used.reduce((a, b) => Math.min(a, b), Infinity));
  return Float32Array.from(raw, (scale) => (scale > 0 ? scale / middle : 1));
}

/** `T(x)[j] = x[j] / divisor[j]` as a stored transform; factors stay among the normal numbers of F16. */
export function dividedInput(divisors: Float32Array, scaleDtype: ScaleDtype): InputTransform {
  const scale = new Uint8Array(divisors.length * SCALE_BYTES[scaleDtype]);
  writeScales(
    divisors.map((divisor) => clampScale(1 / divisor)),
    scaleDtype,
    scale,
  );
  return { layout: { kind: "channel-scale", columns: divisors.length, scaleDtype }, arrays: { scale } };
}

/** Normal numbers of F16, the narrowest scale dtype. */
const LEAST = 2 ** -14;
const GREATEST = 65504;

function clampScale(scale: number): number {
  return Math.min(Math.max(scale, LEAST), GREATEST);
}
