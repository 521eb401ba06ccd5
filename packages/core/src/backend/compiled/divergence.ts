import type { RowBlock } from "../../tensor/row-block.js";
import { checkDivergence } from "../check-cross-entropy.js";
import type { Divergence } from "../ops/layer-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

export function divergence(kernels: KernelCaller, p: RowBlock, q: RowBlock, target: Divergence): void {
  checkDivergence(p, q, target);
  const { divergence: result, sameTop } = target;
  kernels.call("divergence", 0, p.rows, p.values, q.values, p.columns, output(result), output(sameTop));
}
