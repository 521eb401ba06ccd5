import type { TermLayout } from "@lowbit/core/terms";

/** Columns that share all scales: the smallest group of the terms; undefined where no term has groups. */
export function groupColumns(terms: readonly TermLayout[]): number | undefined {
  const sizes = terms.flatMap((term) => ("groupSize" in term && term.groupSize > 0 ? [term.groupSize] : []));
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}
