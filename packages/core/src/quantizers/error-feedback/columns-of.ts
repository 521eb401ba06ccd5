/** Rows of anything that is stored like weights. */
export interface Rows<A extends Float32Array | Uint8Array> {
  readonly values: A;
  readonly rows: number;
  readonly columns: number;
}

/** A copy of columns `begin` … `end − 1`. */
export function columnsOf<A extends Float32Array | Uint8Array>(
  { values, rows, columns }: Rows<A>,
  begin: number,
  end: number,
): Rows<A> {
  const width = end - begin;
  const copy = new (values.constructor as new (length: number) => A)(rows * width);
  // Rows are short: a view of each would cost more than its elements.
  for (let row = 0, at = 0; row < rows; row++) {
    const last = row * columns + end;
    for (let from = row * columns + begin; from < last; from++) copy[at++] = values[from]!;
  }
  return { values: copy, rows, columns: width };
}
