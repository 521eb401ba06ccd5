import type { RowBlock } from "../../tensor/row-block.js";
import { checkCrossEntropyGradient } from "../check-cross-entropy.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function crossEntropyGradient(
  kernels: KernelCaller,
  logits: RowBlock,
  targets: Uint32Array,
  scale: number,
  dLogits: Float32Array,
): void {
  checkCrossEntropyGradient(logits, targets, dLogits);
  const { values, rows, columns } = logits;
  kernels.call("cross_entropy_gradient", 0, rows, values, columns, targets, scale, output(dLogits));
}
