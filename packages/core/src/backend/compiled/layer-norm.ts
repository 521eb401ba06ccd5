import type { RowBlock } from "../../tensor/row-block.js";
import { checkRows } from "../check-layers.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function layerNorm(
  kernels: KernelCaller,
  x: RowBlock,
  weight: Float32Array,
  bias: Float32Array | null,
  epsilon: number,
  y: Float32Array,
): void {
  checkRows("layerNorm", x, { y }, { weight, bias });
  kernels.call("layer_norm", 0, x.rows, x.values, weight, bias, output(y), x.columns, epsilon);
}
