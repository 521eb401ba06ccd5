import { LANES, treeSum } from "../../linalg/lane-sum.js";
import { checkErrorStatistics } from "../check-statistics.js";
import type { KernelOps } from "../kernel-backend.js";

const { fround, abs } = Math;

/** Weights of a span: what is summed in one arithmetic. */
const SPAN = 512;
const LEAST_MODERATE = 2 ** -40;
const BEYOND_MODERATE = 2 ** 60;

const isModerate = (value: number): boolean =>
  value === 0 || (abs(value) >= LEAST_MODERATE && abs(value) < BEYOND_MODERATE);

export const errorStatistics: KernelOps["errorStatistics"] = (original, approximation, target) => {
  checkErrorStatistics(original, approximation, target);
  const { values, rows, columns } = original;
  for (let row = 0; row < rows; row++) {
    const sums = { signal: lanes(), noise: lanes(), approximationPower: lanes(), product: lanes() };
    let maximum = 0;
    let nonFiniteCount = 0;
    for (let span = 0; span < columns; span += SPAN) {
      const begin = row * columns + span;
      const end = begin + Math.min(SPAN, columns - span);
      const w = values.subarray(begin, end);
      const approximated = approximation.subarray(begin, end);
      const moderate = w.every(isModerate) && approximated.every(isModerate);
      const round = moderate ? fround : (value: number): number => value;
      // Sums of a moderate span are f32 and join the row's in f64; others go into them directly.
      const part = moderate ? { signal: lanes(), noise: lanes(), approximationPower: lanes(), product: lanes() } : sums;
      for (let i = 0; i < w.length; i++) {
        const left = w[i]!;
        const right = approximated[i]!;
        if (!Number.isFinite(left) || !Number.isFinite(right)) {
          nonFiniteCount++;
          continue;
        }
        const difference = round(left - right);
        const lane = i % LANES;
        part.signal[lane] = round(part.signal[lane]! + round(left * left));
        part.noise[lane] = round(part.noise[lane]! + round(difference * difference));
        part.approximationPower[lane] = round(part.approximationPower[lane]! + round(right * right));
        part.product[lane] = round(part.product[lane]! + round(left * right));
        maximum = Math.max(maximum, abs(difference));
      }
      if (!moderate) continue;
      for (const [figure, more] of Object.entries(part)) {
        const joined = sums[figure as keyof typeof sums];
        for (let lane = 0; lane < LANES; lane++) joined[lane]! += more[lane]!;
      }
    }
    target.signal[row] = treeSum(sums.signal);
    target.noise[row] = treeSum(sums.noise);
    target.approximationPower[row] = treeSum(sums.approximationPower);
    target.product[row] = treeSum(sums.product);
    target.maximum[row] = maximum;
    target.nonFiniteCount[row] = nonFiniteCount;
  }
};

const lanes = (): Float64Array => new Float64Array(LANES);
