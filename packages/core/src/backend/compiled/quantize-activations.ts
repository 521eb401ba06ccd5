import { checkActivations, checkInt8Activations } from "../check-multiply.js";
import type { Activations, Int8Activations } from "../ops/multiply-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function quantizeActivations(kernels: KernelCaller, x: Activations, target: Int8Activations): void {
  checkActivations(x);
  checkInt8Activations(target);
  kernels.call("quantize_activations", x.values, x.tokens, x.columns, output(target.codes), output(target.scale));
}
