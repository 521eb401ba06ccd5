import { checkAffineEncode } from "../check-code-fits.js";
import type { KernelOps } from "../kernel-backend.js";
import { encodeAffineRow, loadGrids, rowGroups } from "./affine-groups.js";

export const affineEncode: KernelOps["affineEncode"] = (block, term) => {
  checkAffineEncode(block, term);
  for (let row = 0; row < block.rows; row++) {
    encodeAffineRow(term, row, rowGroups(block, row, term.layout.groupSize), loadGrids(term, row));
  }
};
