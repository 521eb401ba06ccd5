import { groupCount } from "../../terms/granularity.js";
import type { Granularity } from "../../terms/term.js";

/** How far the scale index moves from row to row: the groups of a row, or 0 where the whole tensor shares one scale. */
export function scalesPerRow(
  layout: { readonly granularity: Granularity; readonly groupSize: number },
  columns: number,
): number {
  return layout.granularity === "tensor" ? 0 : groupCount(columns, layout.groupSize);
}
