import { checkDecode } from "../../terms/check-decode.js";
import { readU16, readU32 } from "../../terms/index-array.js";
import { readScales } from "../../terms/scale-array.js";
import type { SparseLayout } from "../../terms/sparse.js";
import type { Term } from "../../terms/term.js";

/** `target[row, columnIndices[i]] += values[i]` for the entries of every row. */
export function sparseDecode(term: Term<SparseLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const rowStarts = readU32(arrays.rowStarts);
  const columnIndices = layout.indexDtype === "U16" ? readU16(arrays.columnIndices) : readU32(arrays.columnIndices);
  const values = readScales(arrays.values, layout.valueDtype);
  for (let row = 0; row < layout.rows; row++) {
    for (let i = rowStarts[row]!; i < rowStarts[row + 1]!; i++) {
      target[row * layout.columns + columnIndices[i]!]! += values[i]!;
    }
  }
}
