import type { RowBlock } from "../../tensor/row-block.js";
import type { Granularity } from "../../terms/term.js";

/** The weights of one row that share a scale. */
export interface ScaleGroup {
  /** A view on the block: what is written here is written there. */
  readonly values: Float32Array;
  readonly row: number;
  /** Column of the first weight. */
  readonly begin: number;
  /** Place of the scale in the arrays of the term. */
  readonly index: number;
}

/** All groups of a block, row by row; the last group of a row may be shorter. */
export function* scaleGroups(
  block: RowBlock,
  layout: { readonly granularity: Granularity; readonly groupSize: number },
): Generator<ScaleGroup> {
  const { rows, columns, values } = block;
  const groups = columns === 0 ? 0 : Math.ceil(columns / layout.groupSize);
  for (let row = 0; row < rows; row++) {
    for (let group = 0; group < groups; group++) {
      const begin = group * layout.groupSize;
      const end = Math.min(begin + layout.groupSize, columns);
      yield {
        values: values.subarray(row * columns + begin, row * columns + end),
        row,
        begin,
        index: layout.granularity === "tensor" ? 0 : row * groups + group,
      };
    }
  }
}
