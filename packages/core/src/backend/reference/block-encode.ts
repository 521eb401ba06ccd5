import { checkBlocks } from "../check-blocks.js";
import type { KernelOps } from "../kernel-backend.js";

/** The rule of each type stands in its file (blocks/). */
export const blockEncode: KernelOps["blockEncode"] = (block, type, blocks) => {
  checkBlocks("blockEncode", block, type, blocks).encode(block.values, blocks);
};
