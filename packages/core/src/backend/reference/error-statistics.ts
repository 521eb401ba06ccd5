import { LANES, treeSum } from "../../linalg/lane-sum.js";
import { checkErrorStatistics } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

export const errorStatistics: KernelOps["errorStatistics"] = (original, approximation, target) => {
  checkErrorStatistics(original, approximation, target);
  const { values, rows, columns } = original;
  for (let row = 0; row < rows; row++) {
    const signal = new Float64Array(LANES);
    const noise = new Float64Array(LANES);
    const approximationPower = new Float64Array(LANES);
    const product = new Float64Array(LANES);
    let maximum = 0;
    let nonFiniteCount = 0;
    for (let column = 0; column < columns; column++) {
      const w = values[row * columns + column]!;
      const approximated = approximation[row * columns + column]!;
      if (!Number.isFinite(w) || !Number.isFinite(approximated)) {
        nonFiniteCount++;
        continue;
      }
      const difference = w - approximated;
      const lane = column % LANES;
      signal[lane]! += w * w;
      noise[lane]! += difference * difference;
      approximationPower[lane]! += approximated * approximated;
      product[lane]! += w * approximated;
      maximum = Math.max(maximum, Math.abs(difference));
    }
    target.signal[row] = treeSum(signal);
    target.noise[row] = treeSum(noise);
    target.approximationPower[row] = treeSum(approximationPower);
    target.product[row] = treeSum(product);
    target.maximum[row] = maximum;
    target.nonFiniteCount[row] = nonFiniteCount;
  }
};
