import type { RowBlock } from "../../tensor/row-block.js";

/** How much a weight matters: |w|, or w² / U_jj², the output error that setting it to 0 would cause (OBS, fixed order). */
export type SaliencyMetric = "magnitude" | "hessian";

/**
 * Saliency of every weight of a block of columns, [rows, columns], not negative.
 * @param diagonal U_jj of the columns of the block
 */
export function elementSaliency(block: RowBlock, metric: SaliencyMetric, diagonal: Float32Array): Float32Array {
  const { values, columns } = block;
  if (metric === "magnitude") return values.map(Math.abs);
  const saliency = new Float32Array(values.length);
  for (let at = 0, column = 0; at < values.length; at++) {
    const ratio = values[at]! / diagonal[column]!;
    saliency[at] = ratio * ratio;
    if (++column === columns) column = 0;
  }
  return saliency;
}

/**
 * Columns by the sum of their saliency, largest first; of equal ones the lower column.
 * @param kept [rows, columns], 1 where a weight counts; absent: all do
 */
export function rankColumns(saliency: RowBlock, kept?: Uint8Array): Uint32Array {
  const { values, columns } = saliency;
  const scores = new Float64Array(columns);
  for (let at = 0, column = 0; at < values.length; at++) {
    if (kept === undefined || kept[at] === 1) scores[column]! += Math.abs(values[at]!);
    if (++column === columns) column = 0;
  }
  return Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
}
