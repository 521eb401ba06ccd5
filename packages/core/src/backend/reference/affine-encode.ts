import { checkBlock, checkEncodableAffine } from "../affine-fit-layouts.js";
import type { KernelOps } from "../kernel-backend.js";
import { encodeAffineRow, loadGrids, rowGroups } from "./affine-groups.js";

export const affineEncode: KernelOps["affineEncode"] = (block, term) => {
  checkBlock("affineEncode", block, term);
  checkEncodableAffine("affineEncode", term.layout);
  for (let row = 0; row < block.rows; row++) {
    encodeAffineRow(term, row, rowGroups(block, row, term.layout.groupSize), loadGrids(term, row));
  }
};
