/** Columns of one "row" of the kernels that sum over rows, the unit that threads share: LOWBIT_COLUMN_SPAN there. */
const COLUMN_SPAN = 64;

/** Spans that cover `columns`. */
export function columnSpans(columns: number): number {
  return Math.ceil(columns / COLUMN_SPAN);
}
