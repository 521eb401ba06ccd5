import type { BlockTypeName } from "../../blocks/block-type.js";
import type { RowBlock } from "../../tensor/row-block.js";
import { checkBlocks } from "../check-blocks.js";
import { type KernelCaller, output } from "./kernel-caller.js";

/** Kernels by block type. */
const KERNELS: Partial<Record<BlockTypeName, string>> = {
  Q4_0: "q4_0_encode",
  Q4_1: "q4_1_encode",
  Q5_0: "q5_0_encode",
  Q5_1: "q5_1_encode",
  Q8_0: "q8_0_encode",
  TQ1_0: "tq1_0_encode",
  TQ2_0: "tq2_0_encode",
  Q1_0: "q1_0_encode",
  Q2_0: "q2_0_encode",
  MXFP4: "mxfp4_encode",
  NVFP4: "nvfp4_encode",
  Q2_K: "q2_k_encode",
  Q3_K: "q3_k_encode",
  Q4_K: "q4_k_encode",
  Q5_K: "q5_k_encode",
  Q6_K: "q6_k_encode",
  IQ4_NL: "iq4_nl_encode",
  IQ4_XS: "iq4_xs_encode",
};

/** Rows are whole blocks, so that threads share the blocks of the matrix whatever its rows are. */
export function blockEncode(kernels: KernelCaller, block: RowBlock, name: BlockTypeName, blocks: Uint8Array): void {
  const type = checkBlocks("blockEncode", block, name, blocks);
  const kernel = KERNELS[name];
  if (kernel === undefined) type.encode(block.values, blocks);
  else kernels.call(kernel, 0, block.values.length / type.weights, block.values, output(blocks));
}
