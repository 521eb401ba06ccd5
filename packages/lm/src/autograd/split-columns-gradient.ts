import type { Tensor } from "../forward/tensor.js";
import type { GradientContext } from "./gradient-context.js";

/** Every part's gradient goes back to the columns that it came from. */
export function splitColumnsGradient(
  { tape }: GradientContext,
  x: Tensor,
  heads: number,
  gradients: readonly Tensor[],
): void {
  const dx = tape.gradient(x);
  const to = dx.values;
  const headWidth = x.columns / heads;
  let begin = 0;
  for (const gradient of gradients) {
    const width = gradient.columns / heads;
    addSpans(gradient.values, width, to.subarray(begin), headWidth);
    begin += width;
  }
}

/** Adds the consecutive spans of `from` to the starts of the longer spans of `to`. */
function addSpans(from: Float32Array, width: number, to: Float32Array, stride: number): void {
  for (let read = 0, write = 0; read < from.length; read += width, write += stride) {
    for (let i = 0; i < width; i++) to[write + i]! += from[read + i]!;
  }
}
