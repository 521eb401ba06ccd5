import type { RowBlock } from "../../tensor/row-block.js";
import { storeScale } from "../../terms/scale-array.js";
import type { SignLayout } from "../../terms/sign.js";
import type { Term } from "../../terms/term.js";
import { checkSignAlternatingFit } from "../check-sign-fits.js";
import { laneMean } from "./lane-mean.js";
import { scaleGroups } from "./scale-groups.js";
import { nearestLevel, signLevels } from "./sign-levels.js";
import { SignPlane } from "./sign-plane.js";

const { fround, abs } = Math;

/**
 * ARB: every step minimises ‖w − mean − Σ scale_k · b_k‖² over one of its unknowns, the others held (ARB-LLM, section
 * "alternating refined binarization"; two terms: its second-order form).
 */
export function signAlternatingFit(block: RowBlock, terms: readonly Term<SignLayout>[], iterations: number): void {
  const [{ layout, arrays }] = checkSignAlternatingFit(block, terms);
  const planes = terms.map((term) => new SignPlane(term.arrays.signs, block));
  for (const { values, row, begin, index } of scaleGroups(block, layout)) {
    const fitted = alternate(values, terms.length, iterations);
    const mean = storeScale(arrays.mean!, layout.scaleDtype, index, fitted.mean);
    const scales = terms.map((term, k) => storeScale(term.arrays.scale, layout.scaleDtype, index, fitted.scales[k]!));
    const levels = signLevels(scales, mean);
    values.forEach((w, i) => {
      const code = nearestLevel(w, levels);
      planes.forEach((plane, k) => {
        plane.set(row, begin + i, ((code >> k) & 1) === 1);
      });
    });
  }
  for (const plane of planes) plane.pack();
}

/**
 * Mean and scales of one group after `iterations` rounds, in f32. The start is greedy; the codes of a round are the
 * nearest of the levels that the round before left.
 */
function alternate(values: Float32Array, order: number, iterations: number): { mean: number; scales: number[] } {
  const average = (map: (w: number, i: number) => number): number => laneMean(values.map(map));

  let mean = average((w) => w);
  const rest = values.map((w) => w - mean);
  const scales: number[] = [];
  for (let k = 0; k < order; k++) {
    const scale = laneMean(rest.map(abs));
    scales.push(scale);
    rest.forEach((r, i) => {
      rest[i] = r - (r >= 0 ? scale : -scale);
    });
  }
  for (let round = 0; round < iterations; round++) {
    const levels = signLevels(scales, mean);
    const codes = Uint8Array.from(values, (w) => nearestLevel(w, levels));
    const isPositive = (k: number, i: number): boolean => ((codes[i]! >> k) & 1) === 1;
    const decoded = (k: number, i: number): number => (isPositive(k, i) ? scales[k]! : -scales[k]!);

    mean = average((w, i) => scales.reduce((left, _, k) => fround(left - decoded(k, i)), w));
    for (let k = 0; k < order; k++) {
      scales[k] = average((w, i) => {
        let left = fround(w - mean);
        for (let other = 0; other < order; other++) if (other !== k) left = fround(left - decoded(other, i));
        return isPositive(k, i) ? left : -left;
      });
    }
  }
  return { mean, scales };
}
