import { checkDecode } from "../../terms/check-decode.js";
import { coveredColumns } from "../../terms/covered-columns.js";
import type { DenseLayout } from "../../terms/dense.js";
import { readU32 } from "../../terms/index-array.js";
import { readScales } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";

/** `target[row, columns[i]] += values[row, i]`. */
export function denseDecode(term: Term<DenseLayout>, target: Float32Array): void {
  checkDecode(term, target);
  const { layout, arrays } = term;
  const covered = coveredColumns(layout);
  const values = readScales(arrays.values, layout.valueDtype);
  const columns = layout.coveredColumns === undefined ? undefined : readU32(arrays.columns!);
  for (let row = 0; row < layout.rows; row++) {
    for (let i = 0; i < covered; i++) {
      target[row * layout.columns + (columns ? columns[i]! : i)]! += values[row * covered + i]!;
    }
  }
}
