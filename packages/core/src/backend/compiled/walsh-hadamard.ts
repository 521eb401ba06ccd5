import { checkTransformSize, hadamardScale } from "../../linalg/hadamard.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { checkBlock } from "../check-block.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function walshHadamard(kernels: KernelCaller, block: RowBlock, size: number): void {
  checkBlock("walshHadamard", block);
  checkTransformSize(size, block.columns);
  kernels.call("walsh_hadamard", 0, block.rows, output(block.values), block.columns, size, hadamardScale(size));
}
