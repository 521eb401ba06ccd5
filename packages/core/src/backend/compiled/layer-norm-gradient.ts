import type { RowBlock } from "../../tensor/row-block.js";
import { checkRows } from "../check-layers.js";
import { addColumnSums } from "./add-column-sums.js";
import type { KernelCaller } from "./kernel-caller.js";
import { normGradient } from "./norm-gradient.js";

export function layerNormGradient(
  kernels: KernelCaller,
  x: RowBlock,
  weight: Float32Array,
  epsilon: number,
  dy: Float32Array,
  dx: Float32Array,
  dWeight: Float32Array,
  dBias: Float32Array | null,
): void {
  checkRows("layerNormGradient", x, { dy, dx }, { weight, dWeight, dBias });
  normGradient(kernels, "layer_norm_gradient", x, weight, epsilon, dy, dx, dWeight);
  if (dBias !== null) addColumnSums(kernels, { ...x, values: dy }, dBias);
}
