import type { RowBlock } from "../../tensor/row-block.js";
import { checkBlockFit } from "../check-blocks.js";
import type { FittedBlockType } from "../ops/block-ops.js";
import { type KernelCaller, output } from "./kernel-caller.js";

const KERNELS: Record<FittedBlockType, string> = {
  Q2_K: "q2_k_fit",
  Q3_K: "q3_k_fit",
  Q4_K: "q4_k_fit",
  Q5_K: "q5_k_fit",
  Q6_K: "q6_k_fit",
  IQ4_NL: "iq4_nl_fit",
  IQ4_XS: "iq4_xs_fit",
};

export function blockFit(
  kernels: KernelCaller,
  block: RowBlock,
  name: FittedBlockType,
  blocks: Uint8Array,
  importance?: Float32Array,
): void {
  const type = checkBlockFit(block, name, blocks, importance);
  const perRow = block.columns / type.weights;
  kernels.call(KERNELS[name], 0, block.rows * perRow, block.values, perRow, importance ?? null, output(blocks));
}
