import type { KernelBackend } from "../../backend/kernel-backend.js";
import type { RowBlock } from "../../tensor/row-block.js";
import type { AffineLayout } from "../../terms/affine.js";
import type { Term } from "../../terms/term.js";
import { allocateTerm } from "../../terms/term-arrays.js";

/** `target += Ŵ`, where Ŵ is what quantization makes of a block of rows; leaves the block as it is. */
export type AddApproximation = (block: RowBlock, target: Float32Array) => void;

/** Round to nearest on the grid of `layout` (its rows do not matter). */
export function roundToNearest(layout: AffineLayout, backend: KernelBackend): AddApproximation {
  let term: Term<AffineLayout> | undefined;
  return (block, target) => {
    if (term?.layout.rows !== block.rows) term = allocateTerm({ ...layout, rows: block.rows });
    backend.affineFit(block, term, { includeZero: false });
    backend.affineDecode(term, target);
  };
}

/** Rows that a search holds copies of at a time. */
const STRIP_ROWS = 512;

/** Consecutive strips of rows, views on the block. */
export function* rowStrips({ values, rows, columns }: RowBlock): Generator<RowBlock> {
  for (let begin = 0; begin < rows; begin += STRIP_ROWS) {
    const end = Math.min(begin + STRIP_ROWS, rows);
    yield { values: values.subarray(begin * columns, end * columns), rows: end - begin, columns };
  }
}

/** −w of every weight: what an approximation is added to, to give its error. */
export function negated(values: Float32Array): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = -values[i]!;
  return result;
}

/** At most `most` rows, spread evenly over the matrix: itself, or a copy of every n-th row. */
export function sampleRows(weights: RowBlock, most: number): RowBlock {
  const { values, rows, columns } = weights;
  if (rows <= most) return weights;
  const sample = new Float32Array(most * columns);
  for (let i = 0; i < most; i++) {
    const begin = Math.floor((i * rows) / most) * columns;
    sample.set(values.subarray(begin, begin + columns), i * columns);
  }
  return { values: sample, rows: most, columns };
}
