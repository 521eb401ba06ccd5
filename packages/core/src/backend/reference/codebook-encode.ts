import { packCodes } from "../../bitpack/pack-codes.js";
import { packedByteLength } from "../../bitpack/packed-byte-length.js";
import type { CodebookLayout } from "../../terms/codebook.js";
import { groupCount } from "../../terms/granularity.js";
import { loadScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import { checkCodebookEncode } from "../check-code-fits.js";
import type { KernelOps } from "../kernel-backend.js";
import { inverseScale } from "./affine-grid.js";
import { rowGroups } from "./affine-groups.js";
import { type CodebookBoundaries, codebookBoundaries, nearestCode } from "./codebook-boundaries.js";

export const codebookEncode: KernelOps["codebookEncode"] = (block, term) => {
  checkCodebookEncode(block, term);
  const boundaries = codebookBoundaries(codebookTable(term));
  for (let row = 0; row < block.rows; row++) {
    encodeCodebookRow(term, row, rowGroups(block, row, term.layout.groupSize), boundaries);
  }
};

/** The table of a term as f32. */
export function codebookTable(term: Term<CodebookLayout>): Float32Array {
  return Float32Array.from({ length: 2 ** term.layout.bits }, (_, code) => loadScale(term.arrays.table, "F32", code));
}

/** Chooses and packs the codes of a row with the scales in the term. */
export function encodeCodebookRow(
  term: Term<CodebookLayout>,
  row: number,
  groups: readonly Float32Array[],
  boundaries: CodebookBoundaries,
): void {
  const { layout, arrays } = term;
  const first = layout.granularity === "tensor" ? 0 : row * groupCount(layout.columns, layout.groupSize);
  const codes = new Uint8Array(layout.columns);
  groups.forEach((weights, group) => {
    const inverse = inverseScale(loadScale(arrays.scale, layout.scaleDtype, first + group));
    weights.forEach((weight, i) => {
      codes[group * layout.groupSize + i] = nearestCode(boundaries, Math.fround(weight * inverse));
    });
  });
  const rowBytes = packedByteLength(layout.columns, layout.bits);
  packCodes(codes, layout.bits, arrays.codes.subarray(row * rowBytes, (row + 1) * rowBytes));
}
