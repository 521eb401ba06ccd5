import { storeScale } from "../../terms/scale-array.js";
import { checkCodebookFit } from "../check-code-fits.js";
import type { KernelOps } from "../kernel-backend.js";
import { rowGroups } from "./affine-groups.js";
import { codebookBoundaries } from "./codebook-boundaries.js";
import { codebookTable, encodeCodebookRow } from "./codebook-encode.js";

export const codebookFit: KernelOps["codebookFit"] = (block, term) => {
  const { layout, arrays } = term;
  checkCodebookFit(block, term);
  const boundaries = codebookBoundaries(codebookTable(term));
  for (let row = 0; row < block.rows; row++) {
    const groups = rowGroups(block, row, layout.groupSize);
    groups.forEach((weights, group) => {
      const absMaximum = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0);
      const scale = Math.fround(absMaximum / boundaries.largest);
      storeScale(arrays.scale, layout.scaleDtype, row * groups.length + group, scale);
    });
    encodeCodebookRow(term, row, groups, boundaries);
  }
};
