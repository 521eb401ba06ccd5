import { inverse, roundedAway, signedMaximum, truncated } from "./float-steps.js";
import type { LinearBlock, LinearFormat } from "./linear-format.js";

const { abs, fround, min } = Math;

/** ggml's rule of Q4_0 and Q5_0: the weight of largest magnitude has code 0, d = that weight / the first level. */
export function chooseFromExtreme(
  values: Float32Array,
  from: number,
  block: LinearBlock,
  { weights, largestCode, firstLevel }: LinearFormat,
): void {
  const { codes } = block;
  const first = Number(firstLevel);
  const d = fround(signedMaximum(values, from, weights) / first);
  const id = inverse(d);
  const offset = 0.5 - first;
  for (let i = 0; i < weights; i++) codes[i] = min(largestCode, truncated(values[from + i]!, id, offset));
  block.scale = d;
}

/** ggml's rule of Q4_1 and Q5_1: the grid runs from the smallest weight (code 0) to the largest (the last code). */
export function chooseRange(
  values: Float32Array,
  from: number,
  block: LinearBlock,
  { weights, largestCode }: LinearFormat,
): void {
  const { codes } = block;
  let least = values[from]!;
  let most = least;
  for (let i = from + 1; i < from + weights; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const d = fround(fround(most - least) / largestCode);
  const id = inverse(d);
  for (let i = 0; i < weights; i++) {
    const steps = fround(fround(fround(values[from + i]! - least) * id) + 0.5);
    codes[i] = min(largestCode, steps | 0);
  }
  block.scale = d;
  block.minimum = least;
}

/** ggml's rule of TQ1_0 and TQ2_0: d = largest magnitude, digits rounded half away from zero. */
export function chooseDigits(values: Float32Array, from: number, block: LinearBlock, { weights }: LinearFormat): void {
  const { codes } = block;
  const d = abs(signedMaximum(values, from, weights));
  const id = inverse(d);
  for (let i = 0; i < weights; i++) codes[i] = roundedAway(values[from + i]!, id) + 1;
  block.scale = d;
}
