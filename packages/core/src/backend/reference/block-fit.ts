import { BLOCK_FITS } from "../../blocks/block-fits.js";
import { checkBlockFit } from "../check-blocks.js";
import type { KernelOps } from "../kernel-backend.js";

/** Block by block; the search of each type stands in blocks/block-fits.ts. */
export const blockFit: KernelOps["blockFit"] = (block, type, blocks, importance) => {
  const { weights, bytes } = checkBlockFit(block, type, blocks, importance);
  const perRow = block.columns / weights;
  for (let index = 0; index < block.rows * perRow; index++) {
    const column = (index % perRow) * weights;
    const counts = importance?.subarray(column, column + weights) ?? new Float32Array(weights).fill(1);
    const values = block.values.subarray(index * weights, (index + 1) * weights);
    BLOCK_FITS[type](values, counts, blocks.subarray(index * bytes, (index + 1) * bytes));
  }
};
