import type { RowBlock } from "../../tensor/row-block.js";
import { writeU16, writeU32 } from "../../terms/index-array.js";
import { writeScales } from "../../terms/scale-array.js";
import { indexDtype, type SparseLayout } from "../../terms/sparse.js";
import type { ScaleDtype, Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";

/** A sparse term with the marked values. @param kept [rows, columns], not 0 where a value is kept */
export function keptWeights(
  { values, rows, columns }: RowBlock,
  kept: Uint8Array,
  dtype: ScaleDtype,
): Term<SparseLayout> {
  const rowStarts = new Uint32Array(rows + 1);
  const columnIndices: number[] = [];
  const keptValues: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      if (!kept[at]) continue;
      columnIndices.push(column);
      keptValues.push(values[at]!);
    }
    rowStarts[row + 1] = columnIndices.length;
  }
  const term = allocateTerm(sparseLayout({ rows, columns }, columnIndices.length, dtype));
  writeU32(rowStarts, term.arrays.rowStarts);
  const writeIndices = term.layout.indexDtype === "U16" ? writeU16 : writeU32;
  writeIndices(columnIndices, term.arrays.columnIndices);
  writeScales(keptValues, dtype, term.arrays.values);
  return term;
}

export function sparseLayout(
  { rows, columns }: Pick<RowBlock, "rows" | "columns">,
  count: number,
  valueDtype: ScaleDtype,
): SparseLayout {
  return { kind: "sparse", rows, columns, count, indexDtype: indexDtype(columns), valueDtype };
}

/**
 * In every group of every row, kept weights become the mean of the others (of none: 0), so that a fit to the group does not
 * see them.
 * @param kept like the block, not 0 where a weight is kept
 */
export function replaceKept({ values, rows, columns }: RowBlock, kept: Uint8Array, groupSize: number): void {
  for (let row = 0; row < rows; row++) {
    for (let first = 0; first < columns; first += groupSize) {
      const begin = row * columns + first;
      const end = row * columns + Math.min(first + groupSize, columns);
      let sum = 0;
      let others = 0;
      for (let at = begin; at < end; at++) {
        if (kept[at]) continue;
        sum += values[at]!;
        others++;
      }
      if (others === end - begin) continue;
      const mean = others === 0 ? 0 : sum / others;
      for (let at = begin; at < end; at++) if (kept[at]) values[at] = mean;
    }
  }
}
