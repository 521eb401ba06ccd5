import type { ScaleDtype } from "../../terms/term.js";
import type { BlockPart, PartFit } from "./block-part.js";
import { greedyBinaryFit } from "./greedy-binary-fit.js";
import { nearestCodes } from "./nearest-codes.js";
import { roundScales } from "./round-scales.js";
import { SortedLine } from "./sorted-line.js";

/**
 * ARB (ARB-LLM, section 3.2 and its second-order form) with masks: per row and zone, from the greedy fit, a round takes the
 * nearest codes, then the mean, then each scale, each the minimiser of Σ (w − ŵ)² with the others held. As
 * `signAlternatingFit`, but by zones.
 *
 * Codes are spans of the sorted weights, so that a round costs a few binary searches.
 */
export function alternatingBinaryFit(
  part: BlockPart,
  hasMean: boolean,
  iterations: number,
  dtype: ScaleDtype,
): PartFit {
  const { rows, zones, zoneOf, values, order } = part;
  const width = part.columns.length;
  const { exactMean: mean, exactScales } = greedyBinaryFit(part, hasMean, "F32");
  const lines = Array.from({ length: zones }, () => new SortedLine(width));

  for (let row = 0; row < rows; row++) {
    for (const line of lines) line.clear();
    for (let at = row * width; at < (row + 1) * width; at++) {
      const zone = zoneOf[at]!;
      if (zone < zones) lines[zone]!.push(values[at]!);
    }
    for (let zone = 0; zone < zones; zone++) {
      const line = lines[zone]!;
      if (line.count === 0) continue;
      line.sort();
      const index = row * zones + zone;
      if (order === 1) refineOne(line, hasMean, iterations, mean, exactScales[0]!, index);
      else refineTwo(line, hasMean, iterations, mean, exactScales[0]!, exactScales[1]!, index);
    }
  }
  const rounded = {
    scales: exactScales.map((scales) => roundScales(scales, dtype)),
    ...(hasMean ? { mean: roundScales(mean, dtype) } : {}),
  };
  return { ...rounded, codes: nearestCodes(part, rounded) };
}

/** One sign plane: weights below the mean are −1. */
function refineOne(
  line: SortedLine,
  hasMean: boolean,
  iterations: number,
  mean: Float64Array,
  scale: Float64Array,
  index: number,
): void {
  const { count: n, sums } = line;
  let m = mean[index]!;
  let a = scale[index]!;
  for (let round = 0; round < iterations; round++) {
    const negative = line.below(m);
    const signs = n - 2 * negative;
    if (hasMean) m = (sums[n]! - a * signs) / n;
    // The values that the scales allow do not depend on their signs, and the next round chooses codes anew.
    a = Math.abs((sums[n]! - 2 * sums[negative]! - m * signs) / n);
  }
  mean[index] = m;
  scale[index] = a;
}

/** Two planes: the levels mean ± a₁ ± a₂ share the sorted weights in four spans. */
function refineTwo(
  line: SortedLine,
  hasMean: boolean,
  iterations: number,
  mean: Float64Array,
  first: Float64Array,
  second: Float64Array,
  index: number,
): void {
  const { count: n, sums } = line;
  const total = sums[n]!;
  let m = mean[index]!;
  let large = Math.max(first[index]!, second[index]!);
  let small = Math.min(first[index]!, second[index]!);
  for (let round = 0; round < iterations; round++) {
    // Signs of (large, small) from below: (−, −), (−, +), (+, −), (+, +).
    const j = line.below(m);
    const i = Math.min(line.atMost(m - large), j);
    const k = line.below(m + large);
    const largeSigns = n - 2 * j;
    const smallSigns = n - 2 * (i + k - j);
    const both = n - 2 * (k - i);
    const largeSum = total - 2 * sums[j]!;
    const smallSum = total - 2 * (sums[i]! + sums[k]! - sums[j]!);
    if (hasMean) m = (total - large * largeSigns - small * smallSigns) / n;
    large = (largeSum - m * largeSigns - small * both) / n;
    small = (smallSum - m * smallSigns - large * both) / n;
    const [a, b] = [Math.abs(large), Math.abs(small)];
    large = Math.max(a, b);
    small = Math.min(a, b);
  }
  mean[index] = m;
  first[index] = large;
  second[index] = small;
}
