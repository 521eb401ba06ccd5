import type { RowBlock } from "../../tensor/row-block.js";
import { checkRowStatistics } from "../check-statistics.js";
import type { RowStatistics } from "../ops/statistics-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function rowStatistics(kernels: KernelCaller, block: RowBlock, target: RowStatistics): void {
  checkRowStatistics(block, target);
  kernels.call(
    "row_statistics",
    0,
    block.rows,
    block.values,
    block.columns,
    output(target.minimum),
    output(target.maximum),
    output(target.absMaximum),
    output(target.sum),
    output(target.sum2),
    output(target.sum3),
    output(target.sum4),
    output(target.nanCount),
    output(target.infiniteCount),
    output(target.zeroCount),
  );
}
