import type { RowBlock } from "../../tensor/row-block.js";
import { storeScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkSignFit } from "../check-sign-fits.js";
import { laneMean } from "./lane-mean.js";
import { scaleGroups } from "./scale-groups.js";
import { SignPlane } from "./sign-plane.js";

const { fround, abs } = Math;

/**
 * mean = Σw / n (with `hasMean`, else 0), scale = Σ|w − mean| / n, sign = w ≥ mean; then w −= scale · sign + mean.
 * The least-squares scale of a sign code around a given mean.
 */
export function signFit(residual: RowBlock, term: Term<SignLayout>): void {
  const { layout, arrays } = term;
  checkSignFit(residual, term);
  const plane = new SignPlane(arrays.signs, residual);
  for (const { values, row, begin, index } of scaleGroups(residual, layout)) {
    const mean = arrays.mean ? storeScale(arrays.mean, layout.scaleDtype, index, laneMean(values)) : 0;
    const distance = values.map((w) => abs(fround(w - mean)));
    const scale = storeScale(arrays.scale, layout.scaleDtype, index, laneMean(distance));
    for (let i = 0; i < values.length; i++) {
      const w = values[i]!;
      const isPositive = w >= mean;
      plane.set(row, begin + i, isPositive);
      values[i] = w - fround((isPositive ? scale : -scale) + mean);
    }
  }
  plane.pack();
}
