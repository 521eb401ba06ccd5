import type { RowBlock } from "../../tensor/row-block.js";
import { checkAbsRowSums } from "../check-statistics.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function absRowSums(
  kernels: KernelCaller,
  block: RowBlock,
  columnWeights: Float64Array,
  target: Float64Array,
): void {
  checkAbsRowSums(block, columnWeights, target);
  kernels.call("abs_row_sums", 0, block.rows, block.values, block.columns, columnWeights, output(target));
}
