import type { MatrixShape } from "../../tensor/row-block.js";

/** What the searches find in blocks of 128 columns of language models, where the limit allows it. */
const EXPECTED: Readonly<Record<"weights" | "saliency", number>> = { weights: 25, saliency: 10 };

/** Salient columns of a layer to be expected before it is seen, for plans: the same number in every block. */
export function expectedSalientColumns(
  shape: MatrixShape,
  blockColumns: number,
  limit: number,
  searchOn: "weights" | "saliency",
): number {
  let total = 0;
  for (let first = 0; first < shape.columns; first += blockColumns) {
    const width = Math.min(blockColumns, shape.columns - first);
    total += Math.max(0, Math.min(limit, EXPECTED[searchOn], width - 1));
  }
  return total;
}
