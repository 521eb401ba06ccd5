import type { RowBlock } from "../../tensor/row-block.js";
import { checkAbsColumnSums } from "../check-statistics.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function absColumnSums(
  kernels: KernelCaller,
  block: RowBlock,
  rowWeights: Float64Array,
  target: Float64Array,
): void {
  checkAbsColumnSums(block, rowWeights, target);
  kernels.call(
    "abs_column_sums",
    0,
    block.columns,
    block.values,
    block.rows,
    block.columns,
    rowWeights,
    output(target),
  );
}
