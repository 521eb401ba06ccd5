import type { KernelBackend } from "../backend/kernel-backend.js";
import type { RowBlock } from "../tensor/row-block.js";
import type { AffineLayout } from "../terms/affine.js";
import type { Term } from "../terms/term.js";
import { allocateTerm } from "../terms/term-arrays.js";

/** A grid that a layout of another tool stores. */
export interface NearestGrid {
  readonly bits: number;
  readonly zero: "midpoint" | "integer";
  /** Sizes that its clients take, ascending. */
  readonly groupSizes: readonly number[];
}

/** Groups are as long as this where the row allows it: what checkpoints of other tools mostly have. */
const USUAL_GROUP = 128;

/** The affine term with F16 scales next to given values: round to nearest, groups of 128 where they divide the row. */
export function nearestAffine(block: RowBlock, grid: NearestGrid, backend: KernelBackend): Term {
  const { rows, columns } = block;
  const size = grid.groupSizes.findLast((candidate) => candidate <= USUAL_GROUP && columns % candidate === 0);
  const term = allocateTerm<AffineLayout>({
    kind: "affine",
    rows,
    columns,
    bits: grid.bits,
    granularity: size === undefined || size === columns ? "row" : "group",
    groupSize: size ?? columns,
    zero: grid.zero,
    scaleDtype: "F16",
  });
  backend.affineFit(block, term, { includeZero: true });
  return term as unknown as Term;
}
