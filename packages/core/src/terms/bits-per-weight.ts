import { type TransformLayout, transformArrays } from "./input-transform.js";
import type { TermLayout } from "./term.js";
import { arrayByteLength, termArrays } from "./term-arrays.js";

/** Bytes that a weight takes in a file: every array of its terms and input transforms, masks and scales included. */
export function storedByteLength(terms: readonly TermLayout[], transforms: readonly TransformLayout[] = []): number {
  return [...terms.flatMap(termArrays), ...transforms.flatMap(transformArrays)].reduce(
    (sum, spec) => sum + arrayByteLength(spec),
    0,
  );
}

/** The one figure for all methods: stored bytes × 8 over the number of weights. */
export function storedBitsPerWeight(
  shape: { readonly rows: number; readonly columns: number },
  terms: readonly TermLayout[],
  transforms: readonly TransformLayout[] = [],
): number {
  return (storedByteLength(terms, transforms) * 8) / (shape.rows * shape.columns);
}
