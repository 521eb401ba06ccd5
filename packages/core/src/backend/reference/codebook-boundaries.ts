/** A table in ascending order of its values: value i lies between boundary i − 1 and boundary i. */
export interface CodebookBoundaries {
  /** Code of each distinct value, ascending by value; of equal values the lowest code. */
  readonly codes: Uint8Array;
  /** Largest number that still belongs to value i: the midpoint to value i + 1, where a tie goes to the lower code. */
  readonly upperEnds: readonly { readonly midpoint: number; readonly inclusive: boolean }[];
  /** Largest |value|. */
  readonly largest: number;
}

/** Where the nearest value of a table changes. Midpoints are exact: f64 sums of two f32, halved. */
export function codebookBoundaries(table: Float32Array): CodebookBoundaries {
  const ascending = Array.from(table, (value, code) => ({ value: value + 0, code }))
    .sort((a, b) => a.value - b.value || a.code - b.code)
    .filter((entry, i, all) => i === 0 || entry.value !== all[i - 1]!.value);
  return {
    codes: Uint8Array.from(ascending, (entry) => entry.code),
    upperEnds: ascending.slice(1).map((upper, i) => {
      const lower = ascending[i]!;
      return { midpoint: (lower.value + upper.value) / 2, inclusive: lower.code < upper.code };
    }),
    largest: table.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
  };
}

/** The code of the value nearest to x. */
export function nearestCode(boundaries: CodebookBoundaries, x: number): number {
  const { codes, upperEnds } = boundaries;
  const i = upperEnds.findIndex((end) => x < end.midpoint || (x === end.midpoint && end.inclusive));
  return codes[i < 0 ? upperEnds.length : i]!;
}
