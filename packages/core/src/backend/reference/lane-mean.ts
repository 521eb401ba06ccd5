import { laneSum } from "../../linalg/lane-sum.js";

/** Lane sum over the count, both f32, one division. */
export function laneMean(values: Float32Array, count: number = values.length): number {
  return Math.fround(laneSum(values) / Math.fround(count));
}
