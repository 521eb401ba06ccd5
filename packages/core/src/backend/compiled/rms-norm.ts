import type { RowBlock } from "../../tensor/row-block.js";
import { checkRows } from "../check-layers.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function rmsNorm(
  kernels: KernelCaller,
  x: RowBlock,
  weight: Float32Array,
  epsilon: number,
  y: Float32Array,
): void {
  checkRows("rmsNorm", x, { y }, { weight });
  kernels.call("rms_norm", 0, x.rows, x.values, weight, output(y), x.columns, epsilon);
}
