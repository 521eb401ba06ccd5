import type { RowBlock } from "../../tensor/row-block.js";
import { checkCrossEntropy } from "../check-cross-entropy.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function crossEntropy(
  kernels: KernelCaller,
  logits: RowBlock,
  targets: Uint32Array,
  losses: Float64Array,
): void {
  checkCrossEntropy(logits, targets, losses);
  kernels.call("cross_entropy", 0, logits.rows, logits.values, logits.columns, targets, output(losses));
}
