import type { KernelBackend } from "../../backend/kernel-backend.js";
import { allocateRowStatistics } from "../../backend/statistics-arrays.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";

/** Smallest and largest weight of a tensor; of no weights: infinity and −infinity. */
export interface WeightRange {
  readonly low: number;
  readonly high: number;
}

export function beginRange(): WeightRange {
  return { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
}

export function lookForRange(block: RowBlock, backend: KernelBackend): WeightRange {
  const statistics = allocateRowStatistics(block.rows);
  backend.rowStatistics(block, statistics);
  const { minimum, maximum } = statistics;
  return foldRanges(Array.from(minimum, (low, row) => ({ low, high: maximum[row]! })));
}

export function foldRanges(ranges: readonly WeightRange[]): WeightRange {
  return ranges.reduce(
    (joined, { low, high }) => ({ low: Math.min(joined.low, low), high: Math.max(joined.high, high) }),
    beginRange(),
  );
}

/**
 * Writes scale and zero of a whole tensor: those that a row of its smallest and its largest weight gets.
 */
export function fitToRange(
  term: Term<AffineLayout>,
  { low, high }: WeightRange,
  includeZero: boolean,
  backend: KernelBackend,
): void {
  const layout: AffineLayout = { ...term.layout, rows: 1, columns: 2, granularity: "row", groupSize: 2 };
  const arrays = { ...term.arrays, codes: new Uint8Array(Math.ceil((2 * layout.bits) / 8)) };
  backend.affineFit({ values: Float32Array.of(low, high), rows: 1, columns: 2 }, { layout, arrays }, { includeZero });
}
