import { checkQuantizeActivations } from "../check-multiply.js";
import type { Activations, Int8Activations } from "../ops/multiply-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function quantizeActivations(
  kernels: KernelCaller,
  x: Activations,
  target: Int8Activations,
  largest = 127,
): void {
  checkQuantizeActivations(x, target, largest);
  kernels.call(
    "quantize_activations",
    x.values,
    x.tokens,
    x.columns,
    largest,
    output(target.codes),
    output(target.scale),
  );
}
