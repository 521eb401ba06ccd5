import { LANES, treeSum } from "../../linalg/lane-sum.js";
import { checkRowStatistics } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

export const rowStatistics: KernelOps["rowStatistics"] = (block, target) => {
  checkRowStatistics(block, target);
  const { values, rows, columns } = block;
  for (let row = 0; row < rows; row++) {
    const sums = [1, 2, 3, 4].map(() => new Float64Array(LANES)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    let absMaximum = 0;
    let nanCount = 0;
    let infiniteCount = 0;
    let zeroCount = 0;
    for (let column = 0; column < columns; column++) {
      const w = values[row * columns + column]!;
      if (Number.isNaN(w)) nanCount++;
      else if (!Number.isFinite(w)) infiniteCount++;
      else {
        const w2 = w * w;
        const lane = column % LANES;
        sums[0][lane]! += w;
        sums[1][lane]! += w2;
        sums[2][lane]! += w2 * w;
        sums[3][lane]! += w2 * w2;
        minimum = Math.min(minimum, w);
        maximum = Math.max(maximum, w);
        absMaximum = Math.max(absMaximum, Math.abs(w));
        if (w === 0) zeroCount++;
      }
    }
    target.minimum[row] = minimum + 0;
    target.maximum[row] = maximum + 0;
    target.absMaximum[row] = absMaximum;
    target.sum[row] = treeSum(sums[0]);
    target.sum2[row] = treeSum(sums[1]);
    target.sum3[row] = treeSum(sums[2]);
    target.sum4[row] = treeSum(sums[3]);
    target.nanCount[row] = nanCount;
    target.infiniteCount[row] = infiniteCount;
    target.zeroCount[row] = zeroCount;
  }
};
