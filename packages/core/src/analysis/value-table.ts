/**
 * How often each value occurs, values ascending: everything that `lowbit stats` prints about one tensor is read off
 * such a table, in one stated order, so that it does not depend on how the scan was divided.
 */
export interface ValueTable {
  /** Distinct, ascending, finite. */
  readonly values: Float64Array;
  /** How many elements have each value, at least 1; whole numbers up to 2^53. */
  readonly counts: Float64Array;
  /** How many elements have each value or a smaller one: sums of the counts. */
  readonly cumulative: Float64Array;
  /** Σ counts. */
  readonly total: number;
}

/** A table from codes in any order: `counts[code]` elements have the value `values[code]`. Non-finite values are left out. */
export function valueTable(values: Float64Array, counts: ArrayLike<number>): ValueTable {
  return tableOfCodes(values, counts, ascendingCodes(values));
}

/** The codes of finite values, by value; −0 before +0 or after it. */
export function ascendingCodes(values: Float64Array): Uint16Array {
  const finite = Array.from(values.keys()).filter((code) => Number.isFinite(values[code]!));
  return Uint16Array.from(finite.sort((a, b) => values[a]! - values[b]!));
}

/** `valueTable` of codes whose order is known. */
export function tableOfCodes(values: Float64Array, counts: ArrayLike<number>, ascending: Uint16Array): ValueTable {
  const builder = new TableBuilder(ascending.length);
  for (let i = 0; i < ascending.length; i++) {
    const code = ascending[i]!;
    if (counts[code]! > 0) builder.add(values[code]!, counts[code]!);
  }
  return builder.finish();
}

/** The table of |w|. */
export function magnitudeTable({ values, counts }: ValueTable): ValueTable {
  const builder = new TableBuilder(values.length);
  // Two ascending runs: the negative values from the inside out, and the others.
  let up = values.findIndex((value) => value >= 0);
  if (up < 0) up = values.length;
  let down = up - 1;
  while (down >= 0 || up < values.length) {
    const takeNegative = up >= values.length || (down >= 0 && -values[down]! < values[up]!);
    const index = takeNegative ? down-- : up++;
    builder.add(Math.abs(values[index]!), counts[index]!);
  }
  return builder.finish();
}

/** Middles of bins can lie outside the extremes that were measured: they are moved there. */
export function clampTable({ values, counts }: ValueTable, minimum: number, maximum: number): ValueTable {
  const builder = new TableBuilder(values.length);
  for (let i = 0; i < values.length; i++) builder.add(Math.min(Math.max(values[i]!, minimum), maximum), counts[i]!);
  return builder.finish();
}

/** Number of elements with |w| > threshold. */
export function countAbove(table: ValueTable, threshold: number): number {
  let count = 0;
  for (let i = 0; i < table.values.length; i++) {
    if (Math.abs(table.values[i]!) > threshold) count += table.counts[i]!;
  }
  return count;
}

/** Takes ascending values and joins equal ones. */
class TableBuilder {
  readonly #values: Float64Array;
  readonly #counts: Float64Array;
  readonly #cumulative: Float64Array;
  #length = 0;
  #total = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
    this.#counts = new Float64Array(capacity);
    this.#cumulative = new Float64Array(capacity);
  }

  add(value: number, count: number): void {
    // Both zeros are one value, stored as +0.
    if (this.#length === 0 || this.#values[this.#length - 1] !== value) this.#values[this.#length++] = value + 0;
    this.#total += count;
    this.#counts[this.#length - 1]! += count;
    this.#cumulative[this.#length - 1] = this.#total;
  }

  finish(): ValueTable {
    return {
      values: this.#values.slice(0, this.#length),
      counts: this.#counts.slice(0, this.#length),
      cumulative: this.#cumulative.slice(0, this.#length),
      total: this.#total,
    };
  }
}
