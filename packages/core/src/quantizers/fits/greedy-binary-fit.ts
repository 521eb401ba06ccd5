import type { ScaleDtype } from "../../terms/term.js";
import type { BlockPart, PartFit } from "./block-part.js";
import { roundScales } from "./round-scales.js";

export interface GreedyFit extends PartFit {
  /** As `mean` and `scales`, before rounding. */
  readonly exactMean: Float64Array;
  readonly exactScales: readonly Float64Array[];
}

/**
 * BiLLM's masked binary fit: per row and zone the mean (where wanted), the mean magnitude around it and the signs; with order
 * 2 the same once more for what is left. The means of both terms are stored as one. An empty zone has mean and scale 0.
 */
export function greedyBinaryFit(part: BlockPart, hasMean: boolean, dtype: ScaleDtype): GreedyFit {
  const { rows, zones, zoneOf, values, order } = part;
  const width = part.columns.length;
  const mean = new Float64Array(rows * zones);
  const scales = Array.from({ length: order }, () => new Float64Array(rows * zones));
  const codes = new Uint8Array(values.length);
  const left = new Float64Array(width);
  const counts = new Float64Array(zones + 1);
  const sums = new Float64Array(zones + 1);

  for (let row = 0; row < rows; row++) {
    const begin = row * width;
    const zoneBegin = row * zones;
    for (let i = 0; i < width; i++) left[i] = values[begin + i]!;
    counts.fill(0);
    for (let i = 0; i < width; i++) counts[zoneOf[begin + i]!]!++;

    for (let k = 0; k < order; k++) {
      if (hasMean) {
        sums.fill(0);
        for (let i = 0; i < width; i++) sums[zoneOf[begin + i]!]! += left[i]!;
        for (let zone = 0; zone < zones; zone++) {
          sums[zone]! /= counts[zone] || 1;
          mean[zoneBegin + zone]! += sums[zone]!;
        }
        for (let i = 0; i < width; i++) left[i]! -= sums[zoneOf[begin + i]!]!;
      }
      sums.fill(0);
      for (let i = 0; i < width; i++) sums[zoneOf[begin + i]!]! += Math.abs(left[i]!);
      for (let zone = 0; zone < zones; zone++) {
        sums[zone]! /= counts[zone] || 1;
        scales[k]![zoneBegin + zone] = sums[zone]!;
      }
      for (let i = 0; i < width; i++) {
        const zone = zoneOf[begin + i]!;
        if (zone === zones) continue;
        const isPositive = left[i]! >= 0;
        if (isPositive) codes[begin + i]! |= 1 << k;
        left[i]! -= isPositive ? sums[zone]! : -sums[zone]!;
      }
    }
  }
  return {
    scales: scales.map((values) => roundScales(values, dtype)),
    ...(hasMean ? { mean: roundScales(mean, dtype) } : {}),
    codes,
    exactMean: mean,
    exactScales: scales,
  };
}
