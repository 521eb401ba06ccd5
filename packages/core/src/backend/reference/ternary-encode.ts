import type { RowBlock } from "../../tensor/row-block.js";
import { loadScale } from "../../terms/scale-array.js";
import type { Term } from "../../terms/term.js";
import type { TernaryLayout } from "../../terms/ternary.js";
import { checkTernaryEncode } from "../check-sign-fits.js";
import { scaleGroups } from "./scale-groups.js";
import { roundedDigit, thresholdDigit } from "./ternary-digits.js";
import { TritPlane } from "./trit-plane.js";

/** With a threshold: the sign of w where |w| > f32(threshold). Without: w over the scale in the term, rounded, within ±1. */
export function ternaryEncode(block: RowBlock, term: Term<TernaryLayout>, threshold?: number): void {
  checkTernaryEncode(block, term);
  const { layout, arrays } = term;
  const plane = new TritPlane(arrays.digits, layout.packing, block);
  for (const { values, row, begin, index } of scaleGroups(block, layout)) {
    const scale = loadScale(arrays.scale, layout.scaleDtype, index);
    values.forEach((w, i) => {
      const digit = threshold === undefined ? roundedDigit(w, scale) : thresholdDigit(w, Math.fround(threshold));
      plane.set(row, begin + i, digit);
    });
  }
  plane.pack();
}
