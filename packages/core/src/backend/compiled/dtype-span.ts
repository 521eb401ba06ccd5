/**
 * Elements of one "row" of the kernels that take every element alone (decode, encode, activations), the unit that threads
 * share: LOWBIT_DTYPE_SPAN there.
 */
export const DTYPE_SPAN = 4096;

/** Spans that cover `length` elements. */
export function elementSpans(length: number): number {
  return Math.ceil(length / DTYPE_SPAN);
}
