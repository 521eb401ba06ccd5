import { LowbitError } from "../errors/index.js";
import type { ValueTable } from "./value-table.js";

export interface HistogramOptions {
  /** Number of bins, 1 to 65536. */
  readonly bins: number;
  /** Ends of the first and the last bin; the smallest and the largest value when absent. */
  readonly range?: readonly [minimum: number, maximum: number];
}

/** Bins of equal width for display: bin i holds edges[i] ≤ w < edges[i + 1], the last one its upper edge too. */
export interface Histogram {
  /** [bins + 1]. */
  readonly edges: Float64Array;
  /** [bins]. */
  readonly counts: Float64Array;
  /** Values outside the range. */
  readonly belowCount: number;
  readonly aboveCount: number;
}

const MOST_BINS = 65536;

export function histogram(table: ValueTable, options: HistogramOptions): Histogram {
  const { bins } = options;
  const [minimum, maximum] = options.range ?? [table.values[0] ?? 0, table.values.at(-1) ?? 0];
  if (
    !Number.isInteger(bins) ||
    bins < 1 ||
    bins > MOST_BINS ||
    !(maximum >= minimum) ||
    !Number.isFinite(maximum - minimum)
  ) {
    throw new LowbitError(
      "analysis/invalid-option",
      `A histogram of ${bins} bins from ${minimum} to ${maximum} is not possible; allowed are 1 to ${MOST_BINS} bins and a finite range.`,
      { bins, minimum, maximum },
    );
  }
  const width = (maximum - minimum) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? maximum : minimum + i * width));
  const counts = new Float64Array(bins);
  let belowCount = 0;
  let aboveCount = 0;
  let bin = 0;
  // Values ascend, so the bin only moves up.
  for (let i = 0; i < table.values.length; i++) {
    const value = table.values[i]!;
    if (value < minimum) belowCount += table.counts[i]!;
    else if (value > maximum) aboveCount += table.counts[i]!;
    else {
      while (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
      counts[bin]! += table.counts[i]!;
    }
  }
  return { edges, counts, belowCount, aboveCount };
}
