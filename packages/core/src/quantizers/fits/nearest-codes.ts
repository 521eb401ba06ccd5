import type { BlockPart, PartFit } from "./block-part.js";

/**
 * Codes of the nearest of the values that the scales allow; of two at equal distance the one with more −1. Pruned weights
 * get code 0.
 */
export function nearestCodes(part: BlockPart, { scales, mean, columnScales }: Omit<PartFit, "codes">): Uint8Array {
  const { zoneOf, zones, values } = part;
  const width = part.columns.length;
  const [firstScale, secondScale] = scales;
  const codes = new Uint8Array(values.length);
  for (let row = 0, at = 0; row < part.rows; row++) {
    for (let i = 0; i < width; i++, at++) {
      const zone = zoneOf[at]!;
      if (zone === zones) continue;
      const index = row * zones + zone;
      const w = values[at]! - (mean ? mean[index]! : 0);
      if (secondScale === undefined) {
        codes[at] = w >= 0 ? 1 : 0;
        continue;
      }
      const first = firstScale![index]! * (columnScales ? columnScales[0]![i]! : 1);
      const second = secondScale[index]! * (columnScales ? columnScales[1]![i]! : 1);
      codes[at] = nearestPair(w, first, second);
    }
  }
  return codes;
}

/**
 * Bit 0 and 1: signs of `first` and `second` (not negative) whose sum is nearest to w. The larger scale takes the sign of w,
 * the smaller one the sign of what is left.
 */
export function nearestPair(w: number, first: number, second: number): number {
  const positive = w >= 0;
  const magnitude = positive ? w : -w;
  if (first >= second) return (positive ? 1 : 0) | (magnitude >= first === positive ? 2 : 0);
  return (positive ? 2 : 0) | (magnitude >= second === positive ? 1 : 0);
}
