import type { RowBlock } from "../../tensor/row-block.js";
import { storeScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkTernaryFit } from "../check-sign-fits.js";
import type { TernaryRule } from "../ops/fit-ops.js";
import { laneMean } from "./lane-mean.js";
import { scaleGroups } from "./scale-groups.js";
import { roundedDigit, thresholdDigit } from "./ternary-digits.js";
import { TritPlane } from "./trit-plane.js";

const { fround, abs, max } = Math;

/** Least scale of the absmean rule (BitNet b1.58). */
const LEAST_ABSMEAN = fround(1e-5);
/** Threshold over mean |w| (TWN). */
const TWN_SHARE = fround(0.7);
/** Rounds of the least-squares rule; it settles long before. */
const MOST_ROUNDS = 32;

/**
 * absmean:        scale = max(mean|w|, 1e-5), digit = w / scale rounded half to even, clamped to ±1
 * twn:            threshold = 0.7 · mean|w|, scale = mean of the |w| above it, digit = sign where |w| > threshold
 * least-squares:  from twn, threshold = scale / 2 and scale = mean of the |w| above it, until the scale stays;
 *                 digits with the stored scale
 *
 * A mean |w| that overflows is the scale of every rule, so that it is refused and not taken for "none above".
 */
export function ternaryFit(block: RowBlock, term: Term<TernaryLayout>, rule: TernaryRule): void {
  const { layout, arrays } = term;
  checkTernaryFit(block, term);
  const plane = new TritPlane(arrays.digits, layout.packing, block);
  for (const { values, row, begin, index } of scaleGroups(block, layout)) {
    const absolute = values.map(abs);
    const mean = laneMean(absolute);
    const threshold = fround(TWN_SHARE * mean);
    const fit = {
      absmean: () => max(mean, LEAST_ABSMEAN),
      twn: () => meanAbove(absolute, threshold),
      "least-squares": () => settle(absolute, meanAbove(absolute, threshold)),
    }[rule];
    const scale = storeScale(arrays.scale, layout.scaleDtype, index, mean === Number.POSITIVE_INFINITY ? mean : fit());
    values.forEach((w, i) => {
      plane.set(row, begin + i, rule === "twn" ? thresholdDigit(w, threshold) : roundedDigit(w, scale));
    });
  }
  plane.pack();
}

/** Mean of the values above the threshold; 0 when there are none. */
function meanAbove(absolute: Float32Array, threshold: number): number {
  const count = absolute.reduce((sum, a) => sum + (a > threshold ? 1 : 0), 0);
  return count === 0
    ? 0
    : laneMean(
        absolute.map((a) => (a > threshold ? a : 0)),
        count,
      );
}

function settle(absolute: Float32Array, start: number): number {
  let scale = start;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = meanAbove(absolute, fround(scale / 2));
    if (next === scale) break;
    scale = next;
  }
  return scale;
}
