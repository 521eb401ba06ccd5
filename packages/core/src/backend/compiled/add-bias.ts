import type { RowBlock } from "../../tensor/row-block.js";
import { checkRows } from "../check-layers.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function addBias(kernels: KernelCaller, bias: Float32Array, y: RowBlock): void {
  checkRows("addBias", y, {}, { bias });
  kernels.call("add_bias", 0, y.rows, bias, output(y.values), y.columns);
}
