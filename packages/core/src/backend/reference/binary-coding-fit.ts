import type { RowBlock } from "../../tensor/row-block.js";
import { storeScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkBinaryCodingFit } from "../check-sign-fits.js";
import { laneMean } from "./lane-mean.js";
import { scaleGroups } from "./scale-groups.js";
import { leastSquaresScales } from "./sign-least-squares.js";
import { nearestLevel, signLevels } from "./sign-levels.js";
import { SignPlane } from "./sign-plane.js";

const { abs } = Math;

/**
 * Binary coding: w ≈ Σ scale_k · b_k. Greedy start: each plane is the sign of what the planes before it leave, each
 * scale its mean magnitude, as it is stored. Then rounds of nearest codes for the scales and least-squares scales for
 * the codes; the last codes are the nearest for the stored scales. Without rounds the greedy codes stay, and where a
 * greedy scale overflows (no level would be nearest).
 */
export function binaryCodingFit(block: RowBlock, terms: readonly Term<SignLayout>[], iterations: number): void {
  const [{ layout }] = checkBinaryCodingFit(block, terms);
  const planes = terms.map((term) => new SignPlane(term.arrays.signs, block));
  for (const { values, row, begin, index } of scaleGroups(block, layout)) {
    const store = (k: number, scale: number): number =>
      storeScale(terms[k]!.arrays.scale, layout.scaleDtype, index, scale);

    let codes = new Uint8Array(values.length);
    const rest = values.slice();
    let scales = terms.map((_, k) => {
      const scale = store(k, laneMean(rest.map(abs)));
      rest.forEach((r, i) => {
        if (r >= 0) codes[i]! |= 1 << k;
        rest[i] = r - (r >= 0 ? scale : -scale);
      });
      return scale;
    });
    const nearestCodes = (): Uint8Array<ArrayBuffer> => {
      const levels = signLevels(scales, 0);
      return Uint8Array.from(values, (w) => nearestLevel(w, levels));
    };
    const rounds = scales.every(Number.isFinite) ? iterations : 0;
    for (let round = 0; round < rounds; round++) scales = leastSquaresScales(values, nearestCodes(), scales);
    if (rounds > 0) {
      scales = scales.map((scale, k) => store(k, scale));
      codes = nearestCodes();
    }
    codes.forEach((code, i) => {
      planes.forEach((plane, k) => {
        plane.set(row, begin + i, ((code >> k) & 1) === 1);
      });
    });
  }
  for (const plane of planes) plane.pack();
}
