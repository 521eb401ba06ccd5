/**
 * How often each value occurs, values ascending: everything that `lowbit stats` prints about one tensor is read off
 * such a table, in one stated order, so that it does not depend on how the scan was divided.
 */
export interface ValueTable {
  /** Distinct, ascending, finite. */
  readonly values: Float64Array;
  /** How many elements have each value, at least 1; whole numbers up to 2^53. */
  readonly counts: Float64Array;
  /** Σ counts. */
  readonly total: number;
}

/** A table from codes in any order: `counts[code]` elements have the value `values[code]`. Non-finite values are left out. */
export function valueTable(values: Float64Array, counts: ArrayLike<number>): ValueTable {
  const used: number[] = [];
  for (let code = 0; code < values.length; code++) {
    if (counts[code]! > 0 && Number.isFinite(values[code]!)) used.push(code);
  }
  used.sort((a, b) => values[a]! - values[b]!);
  return joinEqual(
    used.map((code) => values[code]!),
    used.map((code) => counts[code]!),
  );
}

/** The table of |w|. */
export function magnitudeTable(table: ValueTable): ValueTable {
  const { values, counts } = table;
  const magnitudes: number[] = [];
  const joined: number[] = [];
  // Two ascending runs: the negative values from the inside out, and the others.
  let up = values.findIndex((value) => value >= 0);
  if (up < 0) up = values.length;
  let down = up - 1;
  while (down >= 0 || up < values.length) {
    const takeNegative = up >= values.length || (down >= 0 && -values[down]! < values[up]!);
    const index = takeNegative ? down-- : up++;
    magnitudes.push(Math.abs(values[index]!));
    joined.push(counts[index]!);
  }
  return joinEqual(magnitudes, joined);
}

/** Values nearer to the middle of their bin than exact can lie outside the extremes that were measured: they are moved there. */
export function clampTable(table: ValueTable, minimum: number, maximum: number): ValueTable {
  const clamped = Array.from(table.values, (value) => Math.min(Math.max(value, minimum), maximum));
  return joinEqual(clamped, Array.from(table.counts));
}

/** Number of elements with |w| > threshold. */
export function countAbove(table: ValueTable, threshold: number): number {
  let count = 0;
  for (let i = 0; i < table.values.length; i++) {
    if (Math.abs(table.values[i]!) > threshold) count += table.counts[i]!;
  }
  return count;
}

function joinEqual(values: readonly number[], counts: readonly number[]): ValueTable {
  const distinct: number[] = [];
  const joined: number[] = [];
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    // Both zeros are one value.
    if (distinct.length > 0 && distinct.at(-1) === values[i]) joined[joined.length - 1]! += counts[i]!;
    else {
      distinct.push(values[i]! + 0);
      joined.push(counts[i]!);
    }
    total += counts[i]!;
  }
  return { values: Float64Array.from(distinct), counts: Float64Array.from(joined), total };
}
