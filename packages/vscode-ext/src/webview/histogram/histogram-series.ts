import type { HistogramBins } from "../../protocol/tensor-messages.js";
import { formatCount, formatReal, formatShare } from "../format-figures.js";
import { t } from "../texts.js";

/** Middles of the bins and their counts, as a chart takes them: nothing (null) where a logarithm has nothing to show. */
export function histogramSeries(
  bins: HistogramBins,
  logarithmic: boolean,
): { readonly middles: number[]; readonly counts: (number | null)[] } {
  const { edges, counts } = bins;
  return {
    middles: Array.from(counts, (_, i) => (edges[i]! + edges[i + 1]!) / 2),
    counts: Array.from(counts, (count) => (logarithmic && count === 0 ? null : count)),
  };
}

/** The same distribution in at most `most` bins, neighbours taken together: a table that can be read. */
export function mergeBins({ edges, counts }: HistogramBins, most: number): HistogramBins {
  const step = Math.max(1, Math.ceil(counts.length / most));
  const merged = Math.ceil(counts.length / step);
  return {
    edges: Float64Array.from({ length: merged + 1 }, (_, i) => edges[Math.min(i * step, counts.length)]!),
    counts: Float64Array.from({ length: merged }, (_, i) =>
      counts.subarray(i * step, (i + 1) * step).reduce((sum, count) => sum + count, 0),
    ),
  };
}

export function totalCount({ counts }: HistogramBins): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** "−0.0123 to −0.0120: 431 weights (0.12%)" */
export function binText(bins: HistogramBins, bin: number, total: number): string {
  const count = bins.counts[bin] ?? 0;
  return t(
    "{0} to {1}: {2} weights ({3})",
    formatReal(bins.edges[bin] ?? Number.NaN),
    formatReal(bins.edges[bin + 1] ?? Number.NaN),
    formatCount(count),
    formatShare(total > 0 ? count / total : 0),
  );
}

/** The picture in words. */
export function histogramSummary(bins: HistogramBins, levels: ArrayLike<number>): string {
  const total = totalCount(bins);
  if (total === 0) return t("No finite values.");
  let fullest = 0;
  bins.counts.forEach((count, bin) => {
    if (count > bins.counts[fullest]!) fullest = bin;
  });
  const text = t(
    "{0} weights in {1} bins from {2} to {3}; the fullest bin is {4}.",
    formatCount(total),
    bins.counts.length,
    formatReal(bins.edges[0]!),
    formatReal(bins.edges.at(-1)!),
    binText(bins, fullest, total),
  );
  return levels.length === 0 ? text : `${text} ${t("{0} quantization levels are marked.", levels.length)}`;
}
