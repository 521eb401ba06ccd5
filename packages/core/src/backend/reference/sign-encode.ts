import type { RowBlock } from "../../tensor/row-block.js";
import { loadScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkSignEncode } from "../check-sign-fits.js";
import { scaleGroups } from "./scale-groups.js";
import { SignPlane } from "./sign-plane.js";

/** sign = w ≥ mean, the mean as it stands in the term (0 without one). Scales are not negative and do not matter. */
export function signEncode(block: RowBlock, term: Term<SignLayout>): void {
  const { layout, arrays } = term;
  checkSignEncode(block, term);
  const plane = new SignPlane(arrays.signs, block);
  for (const { values, row, begin, index } of scaleGroups(block, layout)) {
    const mean = arrays.mean ? loadScale(arrays.mean, layout.scaleDtype, index) : 0;
    values.forEach((w, i) => {
      plane.set(row, begin + i, w >= mean);
    });
  }
  plane.pack();
}
