import type { Tensor } from "../forward/tensor.js";
import type { GradientContext } from "./gradient-context.js";

export function addGradient({ tape, backend }: GradientContext, a: Tensor, b: Tensor, dy: Tensor): void {
  for (const part of [a, b]) {
    const gradient = tape.gradient(part);
    backend.addTo(dy.values, gradient.values);
  }
}
