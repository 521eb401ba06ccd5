import type { RowBlock } from "../../tensor/row-block.js";
import { checkRows } from "../check-layers.js";
import type { KernelCaller } from "./kernel-caller.js";
import { normGradient } from "./norm-gradient.js";

export function rmsNormGradient(
  kernels: KernelCaller,
  x: RowBlock,
  weight: Float32Array,
  epsilon: number,
  dy: Float32Array,
  dx: Float32Array,
  dWeight: Float32Array,
): void {
  checkRows("rmsNormGradient", x, { dy, dx }, { weight, dWeight });
  normGradient(kernels, "rms_norm_gradient", x, weight, epsilon, dy, dx, dWeight);
}
