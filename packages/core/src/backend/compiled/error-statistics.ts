import type { RowBlock } from "../../tensor/row-block.js";
import { checkErrorStatistics } from "../check-statistics.js";
import type { ErrorStatistics } from "../ops/statistics-ops.js";
import { type KernelArgument, type KernelCaller, output } from "./kernel-caller.js";

export function errorStatistics(
  kernels: KernelCaller,
  original: RowBlock,
  approximation: Float32Array,
  target: ErrorStatistics,
): void {
  checkErrorStatistics(original, approximation, target);
  kernels.call(
    "error_statistics",
    0,
    original.rows,
    original.values,
    approximation,
    original.columns,
    ...errorArguments(target),
  );
}

/** The figures of `target` in the order of the kernels. */
export function errorArguments(target: ErrorStatistics): KernelArgument[] {
  return [
    output(target.signal),
    output(target.noise),
    output(target.approximationPower),
    output(target.product),
    output(target.maximum),
    output(target.nonFiniteCount),
  ];
}
