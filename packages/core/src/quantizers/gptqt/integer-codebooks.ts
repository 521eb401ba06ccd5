/** A binary code of integers: the levels `center ± steps[0] ± steps[1] …`. */
export interface IntegerCodebook {
  /** Falling, all above 0. */
  readonly steps: readonly number[];
  readonly center: number;
}

/** Candidates with what a search over histograms of integers needs. */
export interface CodebookSearch {
  readonly codebooks: readonly IntegerCodebook[];
  /** Integers 0 … range − 1. */
  readonly range: number;
  /** Squared distance of every integer to the nearest level of every codebook, [codebooks, range]. */
  readonly costs: Float32Array;
  /** That level, [codebooks, range]. */
  readonly levels: Float32Array;
}

/** Parts of half the range that steps are multiples of; fewer for one to three steps would leave too little choice. */
const UNITS = [16, 16, 16, 24];

/** Centers: this many units from the middle of the range to either side. */
const CENTER_UNITS = 4;

/**
 * Every codebook of `bits` steps for integers of `linearBits` bits whose steps are different multiples of a unit (a small
 * part of the range) and whose levels reach at most from end to end.
 */
export function codebookSearch(bits: number, linearBits: number): CodebookSearch {
  const range = 2 ** linearBits;
  const units = UNITS[bits - 1]!;
  const unit = range / 2 / units;
  const codebooks: IntegerCodebook[] = [];
  for (const steps of fallingSums(bits, units)) {
    for (let c = -CENTER_UNITS; c <= CENTER_UNITS; c++) {
      codebooks.push({ steps: steps.map((step) => step * unit), center: (range - 1) / 2 + c * unit });
    }
  }
  const costs = new Float32Array(codebooks.length * range);
  const levels = new Float32Array(codebooks.length * range);
  codebooks.forEach((codebook, index) => {
    const all = Array.from({ length: 2 ** bits }, (_, pattern) => levelOf(codebook, pattern));
    for (let t = 0; t < range; t++) {
      const nearest = all.reduce((best, level) => (Math.abs(t - level) < Math.abs(t - best) ? level : best));
      levels[index * range + t] = nearest;
      costs[index * range + t] = (t - nearest) ** 2;
    }
  });
  return { codebooks, range, costs, levels };
}

function levelOf({ steps, center }: IntegerCodebook, pattern: number): number {
  return steps.reduce((sum, step, k) => sum + ((pattern >> k) & 1 ? step : -step), center);
}

/** All falling lists of `count` different whole numbers above 0 whose sum is at most `most`. */
function fallingSums(count: number, most: number, below: number = most + 1): number[][] {
  if (count === 0) return [[]];
  const lists: number[][] = [];
  // What follows takes at least 1 + 2 + … + (count − 1).
  const rest = (count * (count - 1)) / 2;
  for (let first = Math.min(below - 1, most - rest); first >= count; first--) {
    for (const tail of fallingSums(count - 1, most - first, first)) lists.push([first, ...tail]);
  }
  return lists;
}
