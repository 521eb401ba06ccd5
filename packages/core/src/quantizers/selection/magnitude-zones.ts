import type { RowBlock } from "../../tensor/row-block.js";
import { SortedLine } from "../fits/sorted-line.js";

export interface ZoneSearch {
  /** Zones: |w| < p and the rest, or |w| < p, |w| < 2p and the rest. */
  readonly zones: 2 | 3;
  /** Candidates for p: this many quantiles of the magnitudes, evenly spaced from 10 % to 90 %. */
  readonly steps: number;
  /** Whether a zone of a row is centred on its mean. */
  readonly hasMean: boolean;
  /** [rows, columns], 1 where a weight counts; absent: all do. */
  readonly kept?: Uint8Array;
  /** Zeros that the quantiles count besides the weights (the released BiLLM code counts its salient columns so). */
  readonly extraZeros?: number;
}

const FIRST_SHARE = 0.1;
const LAST_SHARE = 0.9;

/**
 * Borders of the magnitude zones of a block (BiLLM, section 3.2; three zones: STBLLM): the candidate that leaves the least
 * squared error when every zone of every row is binarized by itself, the first of equal ones. A second border is twice the
 * first; candidates whose double lies beyond the last one are left out, unless all do.
 *
 * Every row is sorted once. A zone is then one span of the sorted row or two, so that prefix sums give its mean and the sum
 * of its magnitudes around it without another walk.
 */
export function searchZoneBorders(block: RowBlock, search: ZoneSearch): Float64Array {
  const { zones, hasMean, kept } = search;
  const candidates = quantileCandidates(block, search);
  const gains = new Float64Array(candidates.length);
  const line = new SortedLine(block.columns);
  for (let row = 0; row < block.rows; row++) {
    line.clear();
    for (let at = row * block.columns; at < (row + 1) * block.columns; at++) {
      if (kept === undefined || kept[at] === 1) line.push(block.values[at]!);
    }
    line.sort();
    for (let i = 0; i < candidates.length; i++) {
      const border = candidates[i]!;
      // The inner zone is begin … end − 1; a border of 0 leaves it empty.
      const begin = line.atMost(-border);
      const end = Math.max(begin, line.below(border));
      gains[i]! += binaryGain(line, begin, end, end, end, hasMean);
      if (zones === 2) {
        gains[i]! += binaryGain(line, 0, begin, end, line.count, hasMean);
        continue;
      }
      const secondBegin = line.atMost(-2 * border);
      const secondEnd = Math.max(end, line.below(2 * border));
      gains[i]! += binaryGain(line, secondBegin, begin, end, secondEnd, hasMean);
      gains[i]! += binaryGain(line, 0, secondBegin, secondEnd, line.count, hasMean);
    }
  }
  const last = candidates.at(-1) ?? 0;
  let best = 0;
  for (let i = 1; i < candidates.length; i++) {
    if (zones === 3 && 2 * candidates[i]! > last) break;
    if (gains[i]! > gains[best]!) best = i;
  }
  const border = candidates[best] ?? 0;
  return zones === 2 ? Float64Array.of(border) : Float64Array.of(border, 2 * border);
}

/** Zone of every weight, [rows, columns]: how many borders are not above its magnitude. */
export function zoneNumbers(block: RowBlock, borders: Float64Array): Uint8Array {
  const zoneOf = new Uint8Array(block.values.length);
  for (let at = 0; at < zoneOf.length; at++) {
    const magnitude = Math.abs(block.values[at]!);
    let zone = 0;
    while (zone < borders.length && magnitude >= borders[zone]!) zone++;
    zoneOf[at] = zone;
  }
  return zoneOf;
}

/** Quantiles of the magnitudes by linear interpolation between order statistics, as numpy.quantile does. */
function quantileCandidates({ values }: RowBlock, { kept, steps, extraZeros = 0 }: ZoneSearch): Float64Array {
  const magnitudes = new Float32Array(values.length);
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    if (kept === undefined || kept[at] === 1) magnitudes[count++] = Math.abs(values[at]!);
  }
  if (count === 0) return new Float64Array(0);
  const sorted = magnitudes.subarray(0, count).sort();
  const at = (position: number): number => (position < extraZeros ? 0 : sorted[position - extraZeros]!);
  const last = count + extraZeros - 1;
  return Float64Array.from({ length: steps }, (_, i) => {
    const share = FIRST_SHARE + ((LAST_SHARE - FIRST_SHARE) * i) / Math.max(1, steps - 1);
    const below = Math.floor(share * last);
    const rest = share * last - below;
    return rest === 0 ? at(below) : at(below) + rest * (at(below + 1) - at(below));
  });
}

/**
 * By how much binarizing the weights a … b − 1 and c … d − 1 of the order together lessens Σ w²: n · (mean² + scale²).
 */
function binaryGain(line: SortedLine, a: number, b: number, c: number, d: number, hasMean: boolean): number {
  const n = b - a + (d - c);
  if (n <= 0) return 0;
  const { sums } = line;
  const mean = hasMean ? (sums[b]! - sums[a]! + (sums[d]! - sums[c]!)) / n : 0;
  const split = line.below(mean);
  const magnitudes = line.magnitudes(a, b, split, mean) + line.magnitudes(c, d, split, mean);
  return n * mean * mean + (magnitudes * magnitudes) / n;
}
