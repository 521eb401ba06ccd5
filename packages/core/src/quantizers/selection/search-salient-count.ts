import type { RowBlock } from "../../tensor/row-block.js";
import { SortedLine } from "../fits/sorted-line.js";

export interface SalientSearch {
  /** Most columns to take. */
  readonly limit: number;
  /** Whether every binary term is centred on its mean. */
  readonly hasMean: boolean;
  /** [rows, columns], 1 where a weight counts; absent: all do. */
  readonly kept?: Uint8Array;
}

/**
 * How many columns of a block get a second binary term (BiLLM, section 3.1): the number, 1 to `limit`, that leaves the least
 * squared error when the first columns of `ranked` are binarized twice per row, and so are the others: the two zones that
 * they get instead leave about as much. Of equal errors the smaller number. At least one column is left over; a block of one
 * column has none to take.
 * @param block what the error is measured on: the weights, or their saliency
 */
export function searchSalientCount(block: RowBlock, ranked: Uint32Array, search: SalientSearch): number {
  const { values, rows, columns } = block;
  const { limit, hasMean, kept } = search;
  const most = Math.min(limit, columns - 1);
  const errors = new Float64Array(most + 1);
  const line = new SortedLine(columns);
  for (let row = 0; row < rows; row++) {
    // Both sets are walked as they grow: the salient columns from one to most, the rest from its fewest columns on.
    line.clear();
    let squares = 0;
    for (let k = 1; k <= most; k++) {
      const at = row * columns + ranked[k - 1]!;
      if (kept === undefined || kept[at] === 1) {
        line.insert(values[at]!);
        squares += values[at]! ** 2;
      }
      errors[k]! += squares - residualGain(line, hasMean);
    }
    line.clear();
    squares = 0;
    for (let k = columns; k > 0; k--) {
      const at = row * columns + ranked[k - 1]!;
      if (k <= most) errors[k]! += squares - residualGain(line, hasMean);
      if (kept === undefined || kept[at] === 1) {
        line.insert(values[at]!);
        squares += values[at]! ** 2;
      }
    }
  }
  let best = Math.min(1, most);
  for (let k = 2; k <= most; k++) if (errors[k]! < errors[best]!) best = k;
  return best;
}

/**
 * By how much a greedy fit of two binary terms lessens Σ w². One with the signs s around the mean leaves
 * Σ (w − mean − scale · s)² = Σ w² − n · mean² − n · scale², scale = mean |w − mean|; the second is fitted to what is left.
 */
function residualGain(line: SortedLine, hasMean: boolean): number {
  const n = line.count;
  if (n === 0) return 0;
  const mean = hasMean ? line.sums[n]! / n : 0;
  const negative = line.below(mean);
  const scale = line.magnitudes(0, n, negative, mean) / n;
  const second = hasMean ? (scale * (2 * negative - n)) / n : 0;
  const low = mean + second - scale;
  const high = mean + second + scale;
  const magnitudes =
    line.magnitudes(0, negative, line.below(low), low) + line.magnitudes(negative, n, line.below(high), high);
  return n * (mean * mean + scale * scale + second * second) + (magnitudes * magnitudes) / n;
}
